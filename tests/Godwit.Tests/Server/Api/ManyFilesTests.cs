using System.Net;
using System.Text;
using System.Text.Json;
using Godwit.Transfers.Plan.Listed;

namespace Godwit.Tests.Server.Api;

/// <summary>Alone, because it is measured what lives in this process.</summary>
[Collection(nameof(ManyFilesTests))]
public sealed class ManyFilesTests : IAsyncLifetime
{
    private const string Head = """{"source": "disk:a", "destination": "tape:b"}""";

    private ApiTrial _trial = null!;

    public async Task InitializeAsync() => _trial = await ApiTrial.StartAsync();

    public async Task DisposeAsync() => await _trial.DisposeAsync();

    [Fact]
    public async Task Files_of_both_forms_are_taken_with_their_names_and_checksums()
    {
        string md5 = "md5:" + new string('a', 32);
        string[] files = ["{\"source\": \"b\", \"destination\": \"x/b\", \"checksum\": \"" + md5 + "\"}", """{"source": "a"}""", """{"source_base64": "/w=="}"""];
        foreach ((string body, string type) in ((string, string)[])
            [(Head[..^1] + ", \"files\": [" + string.Join(", ", files) + "]}", "application/json"), (Head + "\n\n" + string.Join("\r\n", files), "application/x-ndjson")])
        {
            using HttpResponseMessage answer = await _trial.PostAsync("/api/v1/transfers", body, type);
            Assert.Equal(201, (int)answer.StatusCode);
            string id = (await ApiTrial.JsonAsync(answer)).GetProperty("id").GetString()!;
            IReadOnlyList<ListedFile> named = await _trial.Ledger.Submissions.ListFilesAsync(id, null, 9, default);
            Assert.Equal(["a a ", $"b x/b {md5}", "\\xFF \\xFF "], named.Select(file => $"{file.Source} {file.Destination} {file.Expected}".Replace("\\xff", "\\xFF", StringComparison.Ordinal)));
            JsonElement queued = await _trial.GetAsync($"/api/v1/transfers/{id}/files?state=queued&limit=2");
            Assert.Equal("x/b", queued.GetProperty("items")[1].GetProperty("path").GetString());
            JsonElement rest = await _trial.GetAsync($"/api/v1/transfers/{id}/files?state=queued&limit=2&cursor=" + queued.GetProperty("next").GetString());
            Assert.Equal("/w==", Assert.Single(rest.GetProperty("items").EnumerateArray()).GetProperty("path_base64").GetString());
        }
    }

    [Theory]
    [InlineData("""[{"source": "../a"}]""", 400, "files[0].source", "..")]
    [InlineData("""[{"source": "a"}, {"source": "b", "size": 1}]""", 400, "files[1].size", "Known")]
    [InlineData("""[{"destination": "b"}]""", 400, "files[0].source", "missing")]
    [InlineData("""[{"source": "a", "checksum": "md5:zz"}]""", 400, "files[0].checksum", "hexadecimal")]
    [InlineData("""[{"source": "a", "destination": "x"}, {"source": "b", "destination": "x"}]""", 422, "files[1].destination", "\"a\" and \"b\" both give \"x\"")]
    [InlineData("""[{"source": "a"}, {"source": "a/b"}]""", 422, "files", "\"a\" makes \"a\" a file, and \"a/b\" needs it")]
    [InlineData("[]", 422, "files", "names no file")]
    [InlineData("5", 400, "files", "list")]
    [InlineData("""[{"source": "a"}], "priority": 5""", 422, "files", "come last: \"priority\"")]
    [InlineData("""[{"source": "a"} """, 400, "", "not JSON")]
    public async Task What_is_wrong_with_a_file_is_told_and_nothing_is_left_of_the_request(string files, int status, string field, string sentence)
    {
        string body = Head[..^1] + ", \"files\": " + files + "}";
        JsonElement problem = await ApiTrial.ProblemAsync(await _trial.PostAsync("/api/v1/transfers", body, key: "k"), status);
        JsonProperty error = Assert.Single(problem.GetProperty("errors").EnumerateObject());
        Assert.Equal(field, error.Name);
        Assert.Contains(sentence, error.Value[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(0, await _trial.Ledger.Submissions.DropReceivingAsync(null, default));
        using HttpResponseMessage later = await _trial.PostAsync("/api/v1/transfers", Head, key: "k");
        Assert.Equal(201, (int)later.StatusCode);
    }

    [Fact]
    public async Task Two_files_of_one_place_far_apart_are_told_both()
    {
        string lines = Head + "\n" + string.Join('\n', Enumerable.Range(0, 4500).Select(at => $$"""{"source": "f{{at}}", "destination": "{{(at == 4321 ? "f7" : $"f{at}")}}"}"""));
        JsonElement problem = await ApiTrial.ProblemAsync(await _trial.PostAsync("/api/v1/transfers", lines, "application/x-ndjson"), 422);
        Assert.Contains("\"f7\" and \"f4321\" both give \"f7\"", problem.GetProperty("errors").GetProperty("files[4321].destination")[0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/x-ndjson")]
    public async Task Two_hundred_thousand_files_are_taken_in_bounded_memory(string type)
    {
        using var content = new ManyFiles(200_000, type);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/transfers") { Content = content };
        long before = GC.GetTotalMemory(true);
        using HttpResponseMessage answer = await _trial.Client.SendAsync(request);
        Assert.Equal(201, (int)answer.StatusCode);
        Assert.Equal(200_000, (await ApiTrial.JsonAsync(answer)).GetProperty("files").GetInt64());
        Assert.True(content.Most - before < 24 << 20, $"{(content.Most - before) >> 20} MiB more were alive while it came");
    }

    /// <summary>A body that is made while it is sent, and what was alive meanwhile.</summary>
    private sealed class ManyFiles : HttpContent
    {
        private readonly int _count;
        private readonly bool _isLines;

        public ManyFiles(int count, string type)
        {
            (_count, _isLines) = (count, type == "application/x-ndjson");
            Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue(type);
        }

        public long Most { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(_isLines ? Head : Head[..^1] + ", \"files\": ["));
            for (int at = 0; at < _count; at++)
            {
                string separator = _isLines ? "\n" : at == 0 ? "" : ",";
                await stream.WriteAsync(Encoding.UTF8.GetBytes($$"""{{separator}}{"source": "data/run{{at % 97}}/file-{{at:D8}}.fits"}"""));
                if (at % 20_000 == 0)
                {
                    await stream.FlushAsync();
                    Most = Math.Max(Most, GC.GetTotalMemory(true));
                }
            }

            await stream.WriteAsync(Encoding.UTF8.GetBytes(_isLines ? "" : "]}"));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}

[CollectionDefinition(nameof(ManyFilesTests), DisableParallelization = true)]
public sealed class ManyFilesAlone;
