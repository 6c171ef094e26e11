using System.Diagnostics;
using System.Text;
using Godwit.Backends.Local;
using Godwit.Cli;
using Godwit.Storage;

namespace Godwit.Tests.Cli.Commands;

/// <summary>A fresh directory, and commands on it run in this process with their output as bytes.</summary>
internal sealed class FilesFolder : IDisposable
{
    public FilesFolder() => Root = Directory.CreateTempSubdirectory("godwit-files-").FullName;

    public string Root { get; }

    /// <summary>Stands around every store that a command opens.</summary>
    public Func<IStore, StoreSide, IStore> DressStore { get; set; } = (store, _) => store;

    /// <summary>Names that a line, a shell or a decoder may get wrong.</summary>
    public static IReadOnlyList<byte[]> HostileNames { get; } =
    [
        "plain"u8.ToArray(), "two words"u8.ToArray(), " leading"u8.ToArray(), "*star"u8.ToArray(), "-dash"u8.ToArray(), "#hash"u8.ToArray(),
        "new\nline"u8.ToArray(), "cr\rend\r"u8.ToArray(), @"back\slash"u8.ToArray(), @"\first"u8.ToArray(), "esc\x1b[31m"u8.ToArray(),
        "é"u8.ToArray(), [(byte)'x', 0xff, 0xfe], ") = (x"u8.ToArray(),
    ];

    public string In(string name) => Path.Combine(Root, name);

    public void Put(string name, string content) => Put(Encoding.UTF8.GetBytes(name), content);

    public void Put(byte[] name, string content)
    {
        var store = LocalStore.In(Root);
        store.WriteAsync(StorePath.FromBytes(name), WriteSource.From(Encoding.UTF8.GetBytes(content)), WriteOptions.Default, default)
            .AsTask().GetAwaiter().GetResult();
    }

    public Task<Said> RunAsync(params string[] args) => RunAsync([], false, args);

    public async Task<Said> RunAsync(byte[] input, bool terminal, params string[] args)
    {
        var bytes = new MemoryStream();
        using var output = new StringWriter();
        using var error = new StringWriter();
        var wiring = new Wiring
        {
            Environment = _ => null,
            DressStore = DressStore,
            OpenOutput = () => new KeptOpen(bytes),
            OpenInput = () => new MemoryStream(input),
            OutputIsTerminal = terminal,
        };
        int code = await GodwitCommandLine.RunAsync((IReadOnlyList<string>)args, wiring, output, error, default);
        return new Said(code, bytes.ToArray(), error.ToString() + output);
    }

    /// <summary>Runs a command of the system in the folder.</summary>
    public (int Code, byte[] Output, string Error) System(byte[] input, string command, params string[] args)
    {
        var start = new ProcessStartInfo(command, args)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Root,
        };
        using Process process = Process.Start(start)!;
        process.StandardInput.BaseStream.Write(input);
        process.StandardInput.Close();
        var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.ToArray(), error);
    }

    public void Dispose() => System([], "rm", "-rf", "--", Root);

    private sealed class KeptOpen(MemoryStream bytes) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => bytes.Length;

        public override long Position
        {
            get => bytes.Position;
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => bytes.Write(buffer, offset, count);
    }
}

/// <summary>Refuses one call at paths with one name.</summary>
internal sealed class RefusingLayer(StoreVerb verb, string name, StoreErrorKind kind) : IStoreLayer
{
    public ValueTask<T> AroundAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct) =>
        call.Verb == verb && call.Path.Name.SequenceEqual(Encoding.UTF8.GetBytes(name))
            ? throw new StoreException(kind, "refused by the test") { Path = call.Path }
            : next(ct);

    public Stream AroundBody(StoreCall call, Stream body) => body;

    public WriteSource AroundSource(StoreCall call, WriteSource source) => source;
}

/// <summary>What a command said.</summary>
internal sealed record Said(int Code, byte[] Output, string Error)
{
    public string Text => Encoding.UTF8.GetString(Output);

    public string[] Lines => Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
