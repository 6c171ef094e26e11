using Godwit.Cli.Service;

namespace Godwit.Tests.Cli.Service;

public sealed class CredentialWatchTests
{
    private readonly FakeTime _time = new();
    private readonly List<string> _warnings = [];
    private readonly Dictionary<string, DateTimeOffset> _ends = [];

    [Fact]
    public void It_warns_once_a_day_below_six_hours_until_the_credential_is_renewed()
    {
        _ends["tape"] = _time.GetUtcNow().AddHours(7);
        _ends[CredentialEnds.Service] = _time.GetUtcNow().AddDays(90);
        using var watch = new CredentialWatch(() => Task.FromResult<IReadOnlyDictionary<string, DateTimeOffset>>(_ends), _warnings.Add, _time);
        _time.Advance(TimeSpan.FromMinutes(50));
        Assert.Empty(_warnings);
        _time.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal(["The credential of the endpoint \"tape\" expires at 2024-10-04T07:00:00Z: renew it where it is kept."], _warnings);
        _time.Advance(TimeSpan.FromHours(23));
        Assert.Single(_warnings);
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Contains("has expired at", _warnings[^1], StringComparison.Ordinal);
        Assert.Equal(2, _warnings.Count);
        _ends["tape"] = _time.GetUtcNow().AddDays(3);
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(2, _warnings.Count);
        _time.Advance(TimeSpan.FromHours(20));
        Assert.Equal(3, _warnings.Count);
        _ends.Remove("tape");
        _time.Advance(TimeSpan.FromDays(88));
        Assert.StartsWith("The service's own certificate", _warnings[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void What_goes_wrong_is_said_and_ends_nothing()
    {
        using var watch = new CredentialWatch(() => throw new InvalidOperationException("no"), _warnings.Add, _time);
        _time.Advance(TimeSpan.FromMinutes(20));
        Assert.NotEmpty(_warnings);
        Assert.All(_warnings, warning => Assert.Contains("no", warning, StringComparison.Ordinal));
    }
}
