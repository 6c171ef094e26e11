using Godwit.Backends.S3;
using Godwit.Cli.Configuration;
using Godwit.Cli.Options;
using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Cli;

/// <summary>
/// What the command line is connected to. The program uses the defaults; a drill puts faults around stores and ledger and runs the
/// very same commands.
/// </summary>
internal sealed record Wiring
{
    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Stands right around each store, below all other layers.</summary>
    public Func<IStore, StoreSide, IStore> DressStore { get; init; } = (store, _) => store;

    /// <summary>Stands around the ledger.</summary>
    public Func<ILedger, ILedger> DressLedger { get; init; } = ledger => ledger;

    /// <summary>Stands around what a service keeps of the transfers that are handed to it.</summary>
    public Func<ISubmissions, ISubmissions> DressSubmissions { get; init; } = submissions => submissions;

    /// <summary>Stands around what a service keeps of those whom it asks to make transfers ready.</summary>
    public Func<ICallOuts, ICallOuts> DressCallOuts { get; init; } = calls => calls;

    /// <summary>Reads an environment variable.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>How buckets are reached: what the options and the environment say.</summary>
    public S3Reach S3 { get; init; } = new();

    /// <summary>How SFTP servers are reached: what the options and the environment say.</summary>
    public SftpReach Sftp { get; init; } = new();

    /// <summary>How GridFTP and XRootD servers are reached: what the options and the environment say.</summary>
    public GfalReach Grid { get; init; } = new();

    /// <summary>All the ways to stores that are not on this machine.</summary>
    public IReadOnlyList<StoreReach> Reaches => [S3, Sftp, Grid];

    /// <summary>The way to the store of an endpoint; null for one on this machine.</summary>
    public StoreReach? ReachOf(Endpoint endpoint) => Reaches.FirstOrDefault(reach => reach.Kinds.Contains(endpoint.Kind));

    /// <summary>The configuration in force.</summary>
    public ConfigurationReach Configuration { get; init; } = new();

    /// <summary>The program that becomes a worker with libgfal2, with its first arguments.</summary>
    public IReadOnlyList<string> GfalWorker { get; init; } =
        ThisProgram.WorkerCommand(System.Environment.ProcessPath ?? "godwit", AppContext.BaseDirectory);

    /// <summary>Hears of every answer of an HTTP server that is a store; null for nobody.</summary>
    public Action<HttpAnswer>? Answered { get; init; }

    /// <summary>The number of the user that this process runs as.</summary>
    public Func<uint> User { get; init; } = ThisProgram.User;

    /// <summary>Whether standard error is a terminal that a person looks at.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>Whether standard output is a terminal: names are then escaped, so that none can move its cursor.</summary>
    public bool OutputIsTerminal { get; init; }

    /// <summary>Standard output as bytes, for content and for names that need not be Unicode.</summary>
    public Func<Stream> OpenOutput { get; init; } = Console.OpenStandardOutput;

    /// <summary>Standard input as bytes.</summary>
    public Func<Stream> OpenInput { get; init; } = Console.OpenStandardInput;

    /// <summary>Has something done at each SIGHUP, which then ends nothing, until what comes back is disposed of.</summary>
    public Func<Action, IDisposable?> OnHangup { get; init; } = _ => null;

    /// <summary>What a stop from outside means to the caller: the code of the signal.</summary>
    public Func<ExitCode> StopCode { get; init; } = () => ExitCode.Interrupted;
}
