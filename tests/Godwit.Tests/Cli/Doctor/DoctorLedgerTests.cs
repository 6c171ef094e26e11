using System.Runtime.Versioning;
using Godwit.Tests.Cli.Configuration;

namespace Godwit.Tests.Cli.Doctor;

/// <summary>What the doctor says of a ledger.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DoctorLedgerTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("not a database at all, but long enough to be one", "is not a ledger")]
    [InlineData(null, "1 run, schema")]
    public async Task The_ledger_is_looked_through(string? content, string says)
    {
        Directory.CreateDirectory(_folder.In("src"));
        Assert.Equal(0, (await _folder.RunAsync("copy", _folder.In("src"), _folder.In("dst"), "--state", _folder.In("state"))).Code);
        string ledger = _folder.In("state/ledger.db");
        if (content is not null)
        {
            File.WriteAllText(ledger, string.Concat(Enumerable.Repeat(content, 100)));
        }

        Answer answer = await _folder.RunAsync("doctor", "--state", _folder.In("state"));
        Assert.Equal(content is null ? 0 : 7, answer.Code);
        Assert.Contains(says, answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_of_the_ledger_that_was_overwritten_is_found()
    {
        Directory.CreateDirectory(_folder.In("src"));
        for (int i = 0; i < 400; i++)
        {
            File.WriteAllText(_folder.In($"src/a-name-that-is-quite-long-so-that-pages-fill-{i:0000}"), "x");
        }

        Assert.Equal(0, (await _folder.RunAsync("copy", _folder.In("src"), _folder.In("dst"), "--state", _folder.In("state"))).Code);
        using (FileStream ledger = File.OpenWrite(_folder.In("state/ledger.db")))
        {
            // All of the second half: which single pages are in use differs from run to run.
            ledger.Position = ledger.Length / 4096 / 2 * 4096;
            ledger.Write(new byte[ledger.Length - ledger.Position]);
        }

        Answer answer = await _folder.RunAsync("doctor", "--state", _folder.In("state"));
        Assert.Equal(7, answer.Code);
        Assert.Contains("FAIL ledger", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damage_that_no_question_meets_is_looked_for()
    {
        Directory.CreateDirectory(_folder.In("src"));
        Assert.Equal(0, (await _folder.RunAsync("copy", _folder.In("src"), _folder.In("dst"), "--state", _folder.In("state"))).Code);
        using (FileStream ledger = File.OpenWrite(_folder.In("state/ledger.db")))
        {
            // How many pages are free: nothing that is asked depends on it.
            ledger.Position = 36;
            ledger.Write([0, 0, 0, 5]);
        }

        Answer answer = await _folder.RunAsync("doctor", "--state", _folder.In("state"));
        Assert.Equal(7, answer.Code);
        Assert.Contains("ledger.db is damaged", answer.Output, StringComparison.Ordinal);
    }
}
