using System.Globalization;
using System.Text.Json;
using Godwit.Conformance;
using Godwit.Drill;
using Godwit.Storage;

namespace Godwit.Tests.Cli;

/// <summary><c>report ID --html</c>.</summary>
public sealed class ReportPageTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_page_tells_how_it_ended_what_failed_and_what_to_do_and_a_name_is_never_markup()
    {
        const string name = "<script>alert(1)</script>&\"'";
        _folder.Put("good", "one");
        _folder.Put(name.Replace("/", "-", StringComparison.Ordinal), "two");
        _folder.Wiring = _folder.Wiring with
        {
            DressStore = (store, side) => side == StoreSide.Source ? new LayeredStore(store, new AtEachCall(Refuse)) : store,
        };
        Assert.Equal(6, (await _folder.CopyAsync("--report", _folder.In("report"))).Code);
        string page = await PageAsync();
        Assert.Contains("<b>PARTIAL</b>", page, StringComparison.Ordinal);
        Assert.Contains("1 of 2 files delivered", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(1)&lt;-script&gt;&amp;&quot;&#x27;", page, StringComparison.Ordinal);
        Assert.Contains("nobody may read it (forbidden)", page, StringComparison.Ordinal);
        Assert.Contains("allow this user to read it", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http", page.Replace("http-equiv", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_of_a_run_that_delivered_everything_says_so()
    {
        _folder.Put("good", "one");
        Assert.Equal(0, (await _folder.CopyAsync("--report", _folder.In("report"))).Code);
        string page = await PageAsync();
        Assert.Contains("<b class=\"success\">SUCCESS</b>", page, StringComparison.Ordinal);
        Assert.Contains("No file failed.", page, StringComparison.Ordinal);
        Assert.EndsWith("</html>\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_was_killed_tells_what_it_delivered_and_that_its_plan_is_not_known()
    {
        foreach (int number in Enumerable.Range(0, 300))
        {
            _folder.Put($"f{number:000}", "content");
        }

        _folder.Put("z", "more content");
        string[] copy = ["copy", _folder.Source, _folder.Destination, "--state", _folder.In("state")];
        (int code, string said) = await DrillProcess.RunAsync(copy, "Ledger.RecordDelivered.After@1", null);
        Assert.True(code == DrillProcess.Killed, said);
        Assert.Equal(0, (await _folder.CopyAsync()).Code);
        string id = (await _folder.RunAsync(["history"])).Output.Split('\n').Single(line => line.Contains("interrupted", StringComparison.Ordinal)).Split(' ')[0];
        using var report = JsonDocument.Parse((await _folder.RunAsync(["report", id])).Output);
        JsonElement totals = report.RootElement.GetProperty("totals");
        long delivered = totals.GetProperty("delivered").GetInt64();
        Assert.InRange(delivered, 1, 300);
        Assert.Equal(delivered, totals.GetProperty("planned").GetInt64());
        Assert.Equal(delivered, report.RootElement.GetProperty("verdicts").EnumerateObject().Sum(one => one.Value.GetInt64()));
        Assert.True(report.RootElement.GetProperty("plan_unknown").GetBoolean());
        string page = (await _folder.RunAsync(["report", id, "--html"])).Output;
        Assert.Contains($"{delivered} files delivered", page, StringComparison.Ordinal);
        Assert.Contains("how many were planned is not known", page, StringComparison.Ordinal);
    }

    private static ValueTask Refuse(StoreCall call, CallMoment moment, long number) =>
        call.Verb is StoreVerb.OpenRead or StoreVerb.OpenRange && moment == CallMoment.Before && call.Path != StorePath.FromText("good")
            ? throw new StoreException(StoreErrorKind.Forbidden, "nobody may read it")
            : ValueTask.CompletedTask;

    private async Task<string> PageAsync()
    {
        string id = _folder.Json("report").GetProperty("id").GetString()!.ToUpper(CultureInfo.InvariantCulture);
        Answer answer = await _folder.RunAsync(["report", id, "--html"]);
        Assert.Equal(0, answer.Code);
        return answer.Output;
    }
}
