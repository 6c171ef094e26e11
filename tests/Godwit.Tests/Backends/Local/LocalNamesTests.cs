using System.Text;
using Godwit.Backends.Local;
using Godwit.Storage;
using Godwit.Transfers.Move;
using static Godwit.Tests.Backends.Local.LocalFolder;

namespace Godwit.Tests.Backends.Local;

public sealed class LocalNamesTests
{
    public static TheoryData<byte[]> Hostile() =>
    [
        [0xff, 0xfe, 0x80], [0xc3, (byte)'('], "a\nb"u8.ToArray(), "-rf"u8.ToArray(), " "u8.ToArray(), "..."u8.ToArray(), "..a"u8.ToArray(),
        "a\\b"u8.ToArray(), "%2e%2e"u8.ToArray(), "\x1b[2J"u8.ToArray(), "*?[]{}$`"u8.ToArray(), "a\u0308"u8.ToArray(), "ä"u8.ToArray(),
        [.. Enumerable.Repeat((byte)'n', 255)], [.. Enumerable.Repeat((byte)0xfe, 255)], [.. Encoding.UTF8.GetBytes(new string('ü', 127)), (byte)'x'],
    ];

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task Any_name_is_written_listed_read_renamed_and_deleted(byte[] name)
    {
        await using var folder = new LocalFolder();
        StorePath path = At("d").Child(name);
        await folder.Store.WriteAsync(path, Text("here"), WriteOptions.Default, default);
        StoreEntry listed = Assert.Single(await folder.ListAsync(At("d")));
        Assert.Equal(path, listed.Path);
        Assert.Equal(listed, await folder.Store.StatAsync(path, default));
        await using (StoreBody body = await folder.Store.OpenReadAsync(path, default))
        {
            Assert.Equal(listed.Version, body.Entry.Version);
        }

        await folder.Store.Rename!.RenameAsync(path, path.Parent.Child([.. name[..Math.Min(name.Length, 250)], 0xf0]), true, default);
        await folder.Store.DeleteAsync(path.Parent.Child([.. name[..Math.Min(name.Length, 250)], 0xf0]), default);
        Assert.Equal(["d"], folder.Names());
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_partial_name_fits_and_cuts_no_character(byte[] name)
    {
        byte[] partial = PartialName.For(name, new string('t', 32));
        Assert.InRange(partial.Length, 46, 255);
        Assert.True(partial.AsSpan().EndsWith(".godwit-part"u8));
        Assert.Equal(PathText.IsUtf8(name), PathText.IsUtf8(partial));
        Assert.True(OwnNames.IsOne(At("d").Child(partial)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("a-b")]
    [InlineData("123456789012345678901234567890123")]
    public async Task A_tag_that_is_not_letters_and_digits_is_refused(string tag)
    {
        await using var folder = new LocalFolder();
        await FailsAsync(StoreErrorKind.InvalidRequest, async () => await folder.Store.PartedWrite!.BeginAsync(At("f"), tag, null, WriteOptions.Default, default));
        Assert.Empty(folder.Names());
    }

    [Fact]
    public async Task A_name_that_is_too_long_is_refused_before_anything_is_written()
    {
        await using var folder = new LocalFolder();
        await FailsAsync(StoreErrorKind.InvalidRequest, async () => await folder.WriteAsync(new string('x', 256), "no"));
        Assert.Empty(folder.Names());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_path_longer_than_one_call_takes_works(bool stepByStep)
    {
        await using var folder = new LocalFolder(new LocalOptions { StepByStep = stepByStep });
        StorePath deep = At(string.Join('/', Enumerable.Repeat(new string('d', 200), 40)));
        Assert.True(deep.Bytes.Length > 8000);
        await folder.Store.WriteAsync(deep.Join(At("file")), Text("deep"), WriteOptions.Default, default);
        StoreEntry entry = Assert.Single(await folder.ListAsync(deep));
        Assert.Equal(entry, await folder.Store.StatAsync(entry.Path, default));
        await folder.Store.Durability!.SyncPublishedAsync([entry.Path], default);
        await folder.Store.DeleteAsync(entry.Path, default);
        Assert.Empty(await folder.ListAsync(deep));
    }
}
