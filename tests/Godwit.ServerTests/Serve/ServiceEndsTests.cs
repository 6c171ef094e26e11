using System.Text.Json;

namespace Godwit.ServerTests.Serve;

/// <summary>Transfers of a service between real servers: what it does with directories of its machine, it does with every kind of store.</summary>
public sealed class ServiceEndsTests
{
    private const int Part = 5 << 20;
    private const int Large = 6 * Part;
    private const string Hostile = "sub/-n #%41 'ü\"$(x)[*]+=;^~\\.txt";

    // So slow that something can be done to a transfer that is under way.
    private static readonly string[] s_slow = ["limits:", "  bandwidth: 4MiB"];
    private static readonly string[] s_parts = ["--parts", "1", "--part-size", "5MiB"];

    private static readonly Dictionary<string, byte[]> s_files = new() { ["empty"] = [], [Hostile] = Content(1_000), ["large"] = Content(Part * 2) };
    private static readonly Dictionary<string, byte[]> s_large = new() { ["large"] = Content(Large) };

    // From where, to where, and whether a large file surely goes on inside.
    private static readonly (string From, string To, bool GoesOn)[] s_oneServer =
    [
        ("file", "s3", true), ("s3", "file", true), ("file", "sftp", true), ("sftp", "file", true),
        ("file", "gsiftp", false), ("gsiftp", "file", false), ("file", "root", true), ("root", "file", true),
    ];

    private static readonly (string From, string To)[] s_twoServers = [("s3", "sftp"), ("sftp", "root"), ("root", "s3"), ("gsiftp", "gsiftp")];

    /// <summary>All pairs.</summary>
    public static IEnumerable<object[]> Ends() => s_oneServer.Select(pair => (pair.From, pair.To)).Concat(s_twoServers).Select(pair => new object[] { pair.From, pair.To });

    /// <summary>Those with one server.</summary>
    public static IEnumerable<object[]> OneServer() => s_oneServer.Select(pair => new object[] { pair.From, pair.To, pair.GoesOn });

    /// <summary>Those with two.</summary>
    public static IEnumerable<object[]> TwoServers() => s_twoServers.Select(pair => new object[] { pair.From, pair.To });

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task What_is_handed_over_arrives_bit_for_bit_and_a_second_time_nothing_is_sent(string from, string to)
    {
        await using EndsTrial trial = await EndsTrial.MakeAsync(from, to, s_files);
        await trial.StartAsync();
        Assert.Contains("3 of 3 files delivered", (await trial.AskAsync(0, "submit", "from:", "to:", "--wait")).Error, StringComparison.Ordinal);
        await RequireArrivedAsync(trial, s_files);

        JsonElement again = await trial.EndAsync(0, await trial.PostAsync("""{"source": "from:", "destination": "to:"}"""));
        JsonElement totals = again.GetProperty("totals");
        Assert.Equal((0, 0, 3), (Number(totals, "planned"), Number(totals, "sent_bytes"), Number(totals, "unchanged")));
    }

    [Theory]
    [MemberData(nameof(OneServer))]
    public async Task Killed_in_a_large_file_it_goes_on(string from, string to, bool goesOn)
    {
        await using EndsTrial trial = await EndsTrial.MakeAsync(from, to, s_large);
        await trial.StartAsync(s_slow);
        string id = await SubmitLargeAsync(trial);
        await trial.UntilSentAsync(Part * 5 / 2);
        await trial.KillAsync();
        Assert.DoesNotContain("large", await trial.Destination.LeftAsync());

        await trial.StartAsync();
        JsonElement ended = await trial.EndAsync(0, id);
        Assert.Equal((2, 1), (ended.GetProperty("runs").GetArrayLength(), ended.GetProperty("round").GetInt32()));
        await RequireArrivedAsync(trial, s_large);
        Assert.True(!goesOn || await trial.SentAsync() < Large, "it was sent from its beginning");
    }

    [Theory]
    [MemberData(nameof(TwoServers))]
    public async Task Cancelled_in_a_large_file_it_stops_and_tried_again_it_arrives(string from, string to)
    {
        await using EndsTrial trial = await EndsTrial.MakeAsync(from, to, s_large);
        await trial.StartAsync(s_slow);
        string id = await SubmitLargeAsync(trial);
        await trial.UntilSentAsync(Part * 5 / 2);
        await trial.AskAsync(0, "cancel", id);
        await trial.EndAsync(130, id);
        IReadOnlyList<string> left = await trial.Destination.LeftAsync();
        Assert.DoesNotContain("large", left);
        Assert.InRange(left.Count, 0, to == "gsiftp" ? 0 : 1);

        await trial.KillAsync();
        await trial.StartAsync();
        await trial.AskAsync(0, "retry", id);
        await trial.EndAsync(0, id);
        await RequireArrivedAsync(trial, s_large);
    }

    private static async Task<string> SubmitLargeAsync(EndsTrial trial) =>
        (await trial.AskAsync(0, ["submit", "from:", "to:", "--route", "stream", .. s_parts])).Output.Trim();

    /// <summary>Everything is there as it was, and nothing else.</summary>
    private static async Task RequireArrivedAsync(EndsTrial trial, IReadOnlyDictionary<string, byte[]> files)
    {
        Assert.Equal(files.Keys.Order(StringComparer.Ordinal), await trial.Destination.LeftAsync());
        foreach ((string file, byte[] content) in files)
        {
            Assert.True((await trial.Destination.ReadAsync(file)).AsSpan().SequenceEqual(content), $"{file} differs");
        }
    }

    private static long Number(JsonElement totals, string name) => totals.GetProperty(name).GetInt64();

    private static byte[] Content(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
