using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Transfers.Record;

namespace Godwit.Cli.Commands;

/// <summary><c>godwit report ID [--html]</c>: the report of one run, made again from the ledger.</summary>
internal static class ReportCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        Option<bool> html = SettingOption.Flag("--html", "One page for a browser instead; it needs no other file.");
        var command = new Command("report", "Prints the report of one run, as JSON.") { html };
        PastRuns.TellOfOne(command, context, (parsed, ledger, run, ct) =>
            parsed.GetValue(html) ? ShowAsync(context.Output, ledger, run, ct) : TellAsync(context.Output, ledger, run, ct));
        return command;
    }

    private static async Task ShowAsync(TextWriter output, ILedger ledger, TransferRecord run, CancellationToken ct) => await ReportPage.WriteAsync(
        output, await PastRuns.EndOfAsync(ledger, run, ct).ConfigureAwait(false), PastRuns.FailedAsync(ledger, run)).ConfigureAwait(false);

    /// <summary>Writes the report.</summary>
    public static async Task TellAsync(TextWriter output, ILedger ledger, TransferRecord run, CancellationToken ct)
    {
        var text = new TextSink(output);
        await using ConfiguredAsyncDisposable _ = text.ConfigureAwait(false);
        await RunReport.WriteAsync(text, await PastRuns.EndOfAsync(ledger, run, ct).ConfigureAwait(false), PastRuns.FailedAsync(ledger, run)).ConfigureAwait(false);
    }

    /// <summary>Bytes of UTF-8 that go on as text, whatever pieces they come in.</summary>
    private sealed class TextSink(TextWriter output) : Stream
    {
        private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count)
        {
            var text = new char[_decoder.GetCharCount(buffer, offset, count)];
            output.Write(text, 0, _decoder.GetChars(buffer, offset, count, text, 0));
        }

        public override void Flush() => output.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
