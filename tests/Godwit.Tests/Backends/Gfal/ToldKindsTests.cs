using Godwit.Backends.Gfal;
using Godwit.Storage;

namespace Godwit.Tests.Backends.Gfal;

public sealed class ToldKindsTests
{
    private static readonly Checksum Sum = new(ChecksumKind.Adler32, [0, 0, 0, 1]);

    private int _asked;

    [Fact]
    public async Task One_refusal_of_a_kind_is_asked_again()
    {
        var kinds = new ToldKinds();
        Assert.Equal(Sum, await AskAsync(kinds, null, Sum));
        Assert.Equal(2, _asked);
        Assert.Equal(Sum, await AskAsync(kinds, null, Sum));
    }

    [Fact]
    public async Task A_server_that_cannot_is_asked_twice_only_once()
    {
        var kinds = new ToldKinds();
        Assert.Null(await AskAsync(kinds, null, null));
        Assert.Null(await AskAsync(kinds, null, Sum));
        Assert.Equal(3, _asked);
    }

    [Fact]
    public async Task What_was_told_once_is_asked_again_whenever_it_is_refused()
    {
        var kinds = new ToldKinds();
        Assert.Equal(Sum, await AskAsync(kinds, Sum));
        Assert.Null(await AskAsync(kinds, null, null));
        Assert.Equal(Sum, await AskAsync(kinds, null, Sum));
    }

    private ValueTask<Checksum?> AskAsync(ToldKinds kinds, params Checksum?[] answers)
    {
        int at = 0;
        return kinds.AskAsync(ChecksumKind.Adler32, () =>
        {
            _asked++;
            return Task.FromResult(answers[at++]);
        });
    }
}
