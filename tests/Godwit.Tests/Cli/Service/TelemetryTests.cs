using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Godwit.Server.Metrics;

namespace Godwit.Tests.Cli.Service;

public sealed class TelemetryTests
{
    [Fact]
    public async Task A_collector_that_is_named_gets_a_span_of_each_run_and_the_metrics()
    {
        await using var collector = new Collector();
        await using ServiceTrial service = Prepare(collector);
        await service.StartAsync();
        string id = await service.SubmitAsync(service.Folder.Source, service.Folder.Destination);
        await service.UntilAsync(id, "SUCCESS");
        string failed = await service.SubmitAsync(service.Folder.In("missing"), service.Folder.In("elsewhere"));
        await service.UntilAsync(failed, "ERROR");
        await service.StopAsync();
        Assert.True(collector.Has("/v1/traces", "transfer", "godwit.transfer.id", id, "godwit.outcome", "success", "godwit.files.delivered", "service.name", "godwit"), $"{collector}");
        Assert.True(collector.Has("/v1/traces", failed, "error"), $"{collector}");
        Assert.True(collector.Has("/v1/metrics", "godwit_files_transferred_total", "godwit_transfer_duration_seconds", "godwit_ledger_up", "godwit"), $"{collector}");
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("1", true)]
    public async Task Files_and_tries_have_spans_and_their_paths_only_where_that_is_asked_for(string? paths, bool areTold)
    {
        await using var collector = new Collector();
        await using ServiceTrial service = Prepare(collector);
        service.Folder.Put("rather-secret.dat", "one");
        if (paths is not null)
        {
            service.Variables["GODWIT_OTEL_PATHS"] = paths;
        }

        await service.StartAsync();
        await service.UntilAsync(await service.SubmitAsync(service.Folder.Source, service.Folder.Destination), "SUCCESS");
        await service.StopAsync();
        Assert.True(collector.Has("/v1/traces", "file", "attempt", "godwit.file.outcome", "delivered", "godwit.file.verdict", "read-back", "godwit.file.size"), $"{collector}");
        Assert.Equal(areTold, collector.Has("/v1/traces", "rather-secret.dat"));
    }

    [Fact]
    public async Task The_service_has_the_name_that_it_is_given()
    {
        await using var collector = new Collector();
        await using ServiceTrial service = Prepare(collector);
        service.Variables["OTEL_SERVICE_NAME"] = "night-mover";
        await service.StartAsync();
        await service.StopAsync();
        Assert.True(collector.Has("/v1/metrics", "night-mover"), $"{collector}");
    }

    [Fact]
    public async Task What_is_switched_off_tells_nothing()
    {
        await using var collector = new Collector();
        await using ServiceTrial service = Prepare(collector);
        service.Variables["OTEL_SDK_DISABLED"] = "true";
        await service.StartAsync();
        await service.UntilAsync(await service.SubmitAsync(service.Folder.Source, service.Folder.Destination), "SUCCESS");
        await service.StopAsync();
        Assert.True(collector.IsEmpty, $"{collector}");
    }

    [Fact]
    public void Without_its_variables_nothing_begins() => Assert.False(Telemetry.Start(_ => null, "1", TimeProvider.System).IsOn);

    [Fact]
    public async Task A_collector_that_never_answers_does_not_keep_the_service()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var time = new FakeTime();
        using var metrics = new ServiceMetrics("1", time);
        var variables = new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://{silent.LocalEndpoint}",
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        };
        var telemetry = Telemetry.Start(variables.GetValueOrDefault, "1", time);
        Assert.True(telemetry.IsOn);
        Task ending = telemetry.DisposeAsync().AsTask();
        await time.ArmedAsync();
        time.Advance(TimeSpan.FromSeconds(3));
        await ending;
    }

    [Fact]
    public async Task A_copy_needs_neither_the_service_nor_its_telemetry()
    {
        using var folder = new CommandLineFolder();
        folder.Put("a.dat", "one");
        string program = folder.In("program");
        Directory.CreateDirectory(program);
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory).Where(IsNeeded))
        {
            // The runtime looks beside what a link leads to.
            File.Copy(file, Path.Combine(program, Path.GetFileName(file)));
        }

        (int code, string error) = await RunAsync(program, "copy", folder.Source, folder.Destination, "--state", folder.In("state"));
        Assert.True(code == 0, error);
        Assert.Equal(["a.dat"], CommandLineFolder.Tree(folder.Destination).Keys);

        // What is missing is really missing.
        (code, error) = await RunAsync(program, "serve", "--data", folder.In("data"), "--listen", "127.0.0.1:0");
        Assert.True(code != 0 && error.Contains("Godwit.Server", StringComparison.Ordinal), error);
    }

    /// <summary>Everything that lies beside the program but the server's library and what only that uses. Without a list of what belongs to it, the runtime
    /// takes what is there.</summary>
    private static bool IsNeeded(string file) => Path.GetFileName(file) is var name
        && !name.StartsWith("Godwit.Server", StringComparison.Ordinal) && !name.StartsWith("OpenTelemetry", StringComparison.Ordinal)
        && !name.EndsWith(".deps.json", StringComparison.Ordinal);

    private static async Task<(int Code, string Error)> RunAsync(string program, params string[] args)
    {
        var start = new ProcessStartInfo(
            "dotnet", ["exec", "--runtimeconfig", Path.Combine(AppContext.BaseDirectory, "godwit.runtimeconfig.json"), Path.Combine(program, "godwit.dll"), .. args])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, error + await output);
    }

    private static ServiceTrial Prepare(Collector collector)
    {
        var service = ServiceTrial.Prepare();
        service.Folder.Put("a.dat", "one");
        service.Variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address;
        service.Variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        return service;
    }
}
