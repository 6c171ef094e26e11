using System.Runtime.CompilerServices;
using Godwit.Transfers.Record.Submissions;
using static Godwit.Conformance.Ledger.Samples;

namespace Godwit.Conformance.Ledger;

/// <summary>What is kept of what operators set.</summary>
internal static class SettingChecks
{
    public static IReadOnlyList<SubmissionCheck> All { get; } =
    [
        new("A setting comes back as it was written down last, in order of names, until it is forgotten", ComesBackAsync),
    ];

    private static async Task ComesBackAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.Settings.PutAsync("b", "first", default).ConfigureAwait(false);
        await opened.Settings.PutAsync("a", "other", default).ConfigureAwait(false);
        await opened.Settings.PutAsync("b", "second", default).ConfigureAwait(false);
        IReadOnlyList<ServiceSetting> found = await opened.Settings.ListAsync(default).ConfigureAwait(false);
        Require(found is [{ Name: "a", Text: "other" }, { Name: "b", Text: "second" }], $"they are {string.Join(", ", found)}");
        await opened.Settings.PutAsync("a", null, default).ConfigureAwait(false);
        await opened.Settings.PutAsync("none", null, default).ConfigureAwait(false);
        Require(await opened.Settings.ListAsync(default).ConfigureAwait(false) is [{ Name: "b" }], "what was forgotten is there");
    }
}
