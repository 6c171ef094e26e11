using System.Globalization;
using Godwit.Backends.Gfal.Native;
using Godwit.Backends.Gfal.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>Has servers of one protocol copy among themselves, asked by the destination's worker with its own credential. XRootD's destination fetches
/// with a proxy that is delegated to it; of two GridFTP servers one sends to the other.</summary>
internal sealed class GfalThirdPartyCopy(GfalTree tree) : IThirdPartyCopy
{
    // Theirs is a buffer of 2048 bytes, with more than the path in it.
    private const int MostPathBytes = 1_500;

    // A GridFTP copy begins with two logins, half a second; one of XRootD's is looked after every two and a half.
    public long WorthBytes { get; } = tree.Server.IsXrootd ? 256 << 20 : 32 << 20;

    /// <summary>What others need to fetch from this tree.</summary>
    public ThirdPartySource Itself { get; } = new(tree.Server.ToString(), tree.Root, CredentialOf(tree.Workers.Options));

    public string? Refuses(ThirdPartySource source) =>
        SchemeOf(source.Server) == "roots" || tree.Server.Scheme == "roots"
            ? "one of them is asked over TLS (roots://), where libgfal2 may send the bytes through this machine instead"
        : SchemeOf(source.Server) != tree.Server.Scheme
            ? $"it speaks {SchemeOf(source.Server)}, and servers copy only within their protocol"
        : source.Credential != Itself.Credential ? "it is asked as another user, and both servers have to be asked as one"
        : null;

    public string? RefusesName(ThirdPartySource source, StorePath from)
    {
        if (!tree.Server.IsXrootd)
        {
            return null;
        }

        StorePath absolute = source.Root.Join(from);

        // Up to an "&" they would fetch the file whose name ends there.
        return absolute.Bytes.Contains((byte)'&') ? "XRootD's servers tell each other names only up to \"&\""
            : absolute.Bytes.Length > MostPathBytes ? $"XRootD's servers tell each other no path of more than {MostPathBytes} bytes"
            : null;
    }

    public async ValueTask<StoredPart> PullAsync(
        ThirdPartySource source, StorePath from, PartedUpload upload, IProgress<long>? progress, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (RefusesName(source, from) is { } why)
        {
            throw GfalErrors.Of(StoreErrorKind.InvalidRequest, from, $"cannot go from server to server: {why}");
        }

        StorePath absolute = source.Root.Join(from);
        GfalUpload own = GfalPartedWrite.Own(upload);
        Frame request = new Frame(Verb.Copy).Bytes(tree.UrlOf(source.Server, absolute)).Bytes(tree.Url(own.Partial));
        await own.Writing.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            GfalUploadWriter.RequireKept(own);
            await tree.RequireDirectoryAsync(own.Path.Parent, ct).ConfigureAwait(false);
            GfalReply reply = await AskAsync(request, own.Path, progress, ct).ConfigureAwait(false);
            if (reply.Fault is { } fault)
            {
                tree.Doubt(own.Path.Parent);
                StoreException error = tree.Error(fault, "fetched from the other server", own.Path);
                error.Side = Names(fault, absolute) && !Names(fault, tree.Root.Join(own.Partial)) ? StoreSide.Source : StoreSide.Unknown;
                throw error;
            }

            Facts there = await tree.LookAsync(own.Partial, ct).ConfigureAwait(false) ?? throw GfalUploadWriter.Gone(own);
            own.IsMade = true;
            return new StoredPart(1, 0, there.Length);
        }
        finally
        {
            own.Writing.Release();
        }
    }

    /// <summary>Whether a server speaks of a path: then it is the one that said no.</summary>
    private static bool Names(GfalFault fault, StorePath absolute) => fault.Message.Contains($"/{absolute}", StringComparison.Ordinal);

    private async Task<GfalReply> AskAsync(Frame request, StorePath path, IProgress<long>? progress, CancellationToken ct)
    {
        GfalOptions options = tree.Workers.Options;
        using var standstill = new CancellationTokenSource(options.FirstBytePatience, tree.Workers.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, standstill.Token);
        GfalLane lane = await tree.Workers.RentAsync(ct).ConfigureAwait(false);
        var moving = new Moving(standstill, options.StandstillPatience, progress);
        try
        {
            return await lane.AskAsync(request, either.Token, moving).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            TimeSpan waited = moving.HasBegun ? options.StandstillPatience : options.FirstBytePatience;
            string what = moving.HasBegun ? "stood still" : "had not begun after";
            throw new StoreException(
                StoreErrorKind.TimedOut,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The copy of \"{path}\" from server to server {what}{(moving.HasBegun ? " for" : "")} {waited.TotalSeconds:0.#} seconds: does one reach the other?"))
            {
                Path = path,
                Side = StoreSide.Unknown,
            };
        }
        catch (OperationCanceledException e)
        {
            throw new OperationCanceledException(e.Message, e, ct);
        }
        finally
        {
            // What was given up must not happen later.
            await lane.ReturnAsync().ConfigureAwait(false);
        }
    }

    private static string SchemeOf(string server) => server.Split(':', 2)[0];

    /// <summary>Whom a server is asked as, and whose word is believed about who it is.</summary>
    private static string CredentialOf(GfalOptions options) =>
        string.Join('|', options.Credential?.CertificateFile, options.Credential?.KeyFile, options.CertificateDirectory);

    /// <summary>Bytes that go on are no standstill.</summary>
    private sealed class Moving(CancellationTokenSource standstill, TimeSpan patience, IProgress<long>? progress) : IProgress<long>
    {
        private long _last;

        public bool HasBegun => _last > 0;

        public void Report(long value)
        {
            if (value > _last)
            {
                _last = value;
                TryGoOn();
            }

            progress?.Report(value);
        }

        private void TryGoOn()
        {
            try
            {
                standstill.CancelAfter(patience);
            }
            catch (ObjectDisposedException)
            {
                // It came after the answer was given up.
            }
        }
    }
}
