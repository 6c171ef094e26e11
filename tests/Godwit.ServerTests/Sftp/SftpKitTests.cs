using System.Collections.Concurrent;
using Godwit.Backends.Sftp;

namespace Godwit.ServerTests.Sftp;

/// <summary>The conformance kit on real servers, over accounts of every kind.</summary>
public sealed class SftpKitTests(SftpKitTests.Stores shared) : IClassFixture<SftpKitTests.Stores>
{
    public static TheoryData<string, string, string> SentencesOnStacks()
    {
        var data = new TheoryData<string, string, string>();
        foreach (string account in SftpTestServer.Accounts.Keys)
        {
            foreach (string stack in ServerKit.Stacks.Where(stack => account is "shell" or "chroot" || stack == ServerKit.Bare))
            {
                foreach (string says in ServerKit.Sentences(withThousands: (account, stack) == ("shell", ServerKit.Bare)))
                {
                    data.Add(account, stack, says);
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(SentencesOnStacks))]
    public async Task A_sentence_holds_or_does_not_apply(string account, string stack, string says) =>
        await ServerKit.RequireAsync(ServerKit.Stack(stack, await shared.OfAsync(account)), says);

    /// <summary>One store for each account: each sentence works below a directory of its own.</summary>
    public sealed class Stores : IAsyncLifetime
    {
        private readonly ConcurrentDictionary<string, SftpConnections> _connections = new();
        private readonly ConcurrentDictionary<string, Task<SftpStore>> _stores = new();

        public Task<SftpStore> OfAsync(string account) => _stores.GetOrAdd(
            account, name => SftpTestServer.OpenAsync(_connections.GetOrAdd(name, SftpTestServer.Connect(name))));

        public Task InitializeAsync() => Task.CompletedTask;

        public async Task DisposeAsync()
        {
            foreach (Task<SftpStore> store in _stores.Values)
            {
                await SftpTestServer.CleanAsync(await store);
            }

            foreach (SftpConnections connections in _connections.Values)
            {
                await connections.DisposeAsync();
            }
        }
    }
}
