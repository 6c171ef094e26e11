using Godwit.Backends.Sftp;
using Godwit.Storage;

namespace Godwit.ServerTests.Sftp;

/// <summary>What a server says late or in passing counts: nothing gets its name, and nothing is called durable, before all was heard.</summary>
public sealed class SftpProofTests
{
    private const string Rename = "posix-rename@openssh.com";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_made_link_is_told_as_it_was_made_and_not_as_another_writers(bool isGone)
    {
        string name = SftpTestServer.Fresh();
        using var proxy = new SftpProxy("shell");
        proxy.Instead = request =>
        {
            if (request.Extension == Rename)
            {
                SftpCommandLine.Run(0, "ssh", "-F", SftpTestServer.Config, "shell", isGone ? $"rm {name}/link" : $"ln -sfn theirs {name}/link");
            }

            return null;
        };
        await using SftpConnections connections = proxy.Connect();
        SftpStore store = await SftpTestServer.OpenAsync(connections, name);
        StoreEntry made = await store.Links!.CreateAsync(StorePath.FromText("link"), "ours"u8.ToArray(), WriteOptions.Default, default);
        Assert.Equal((EntryKind.Link, StorePath.FromText("link")), (made.Kind, made.Path));
        Assert.Equal("ours"u8.ToArray(), made.LinkTarget?.ToArray());
        await SftpTestServer.CleanAsync(store);
    }
}
