using System.Globalization;
using Godwit.Backends.Gfal.Native;
using Godwit.Backends.Gfal.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>Has servers of one protocol copy among themselves, asked by the destination's worker with its own credential. XRootD's destination fetches
/// with a proxy that is delegated to it; of two GridFTP servers one sends to the other.</summary>
internal sealed class GfalThirdPartyCopy(GfalTree tree) : IThirdPartyCopy
{
    // A GridFTP copy begins with two logins, half a second; one of XRootD's is looked after every two and a half.
    public long WorthBytes { get; } = tree.Server.IsXrootd ? 256 << 20 : 32 << 20;

    /// <summary>What others need to fetch from this tree.</summary>
    public ThirdPartySource Itself { get; } = new(tree.Server.ToString(), tree.Root, CredentialOf(tree.Workers.Options));

    public string? Refuses(ThirdPartySource source) =>
        SchemeOf(source.Server) != tree.Server.Scheme && !(GfalServer.IsXrootdScheme(SchemeOf(source.Server)) && tree.Server.IsXrootd)
            ? $"it speaks {SchemeOf(source.Server)}, and servers copy only within their protocol"
        : source.Credential != Itself.Credential ? "it is asked as another user, and both servers have to be asked as one"
        : null;

    public async ValueTask<StoredPart> PullAsync(
        ThirdPartySource source, StorePath from, PartedUpload upload, IProgress<long>? progress, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        StorePath absolute = source.Root.Join(from);
        if (tree.Server.IsXrootd && absolute.Bytes.Contains((byte)'&'))
        {
            // They would fetch the file whose name ends there.
            throw GfalErrors.Of(StoreErrorKind.InvalidRequest, from, "cannot go from server to server: XRootD's tell each other names only up to \"&\"");
        }

        GfalUpload own = GfalPartedWrite.Own(upload);
        Frame request = new Frame(Verb.Copy).Bytes(tree.UrlOf(source.Server, absolute)).Bytes(tree.Url(own.Partial));
        await own.Writing.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            // The servers would make it.
            _ = await tree.LookAsync(own.Partial, ct).ConfigureAwait(false) ?? throw GfalPartedWrite.Gone(own);
            GfalReply reply = await AskAsync(request, own.Path, progress, ct).ConfigureAwait(false);
            if (reply.Fault is { } fault)
            {
                throw tree.Error(fault, "fetched from the other server", own.Path);
            }

            Facts there = await tree.LookAsync(own.Partial, ct).ConfigureAwait(false) ?? throw GfalPartedWrite.Gone(own);
            return new StoredPart(1, 0, there.Length);
        }
        finally
        {
            own.Writing.Release();
        }
    }

    private async Task<GfalReply> AskAsync(Frame request, StorePath path, IProgress<long>? progress, CancellationToken ct)
    {
        TimeSpan patience = tree.Workers.Options.StandstillPatience;
        using var standstill = new CancellationTokenSource(patience, tree.Workers.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, standstill.Token);
        GfalLane lane = await tree.Workers.RentAsync(ct).ConfigureAwait(false);
        try
        {
            return await lane.AskAsync(request, either.Token, new Moving(standstill, patience, progress)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new StoreException(
                StoreErrorKind.TimedOut,
                string.Create(CultureInfo.InvariantCulture, $"\"{path}\" stood still for {patience.TotalMinutes:0.#} minutes while one server copied it from the other."))
            {
                Path = path,
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
