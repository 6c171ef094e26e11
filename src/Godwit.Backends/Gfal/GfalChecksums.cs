using System.Globalization;
using Godwit.Backends.Gfal.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>Checksums that the server computes from what it has.</summary>
internal sealed class GfalChecksums(GfalTree tree) : IStoredChecksum
{
    /// <summary>Both kinds of servers know more; Adler-32 is the one that sites of the grid have their servers keep, and the others may be off.</summary>
    private static readonly ChecksumKind[] s_xrootd = [ChecksumKind.Adler32, ChecksumKind.Md5];
    private static readonly ChecksumKind[] s_gridFtp = [ChecksumKind.Md5, ChecksumKind.Adler32];

    public IReadOnlyList<ChecksumKind> Kinds => KindsOf(tree.Server);

    public bool IsToldWithEntries => false;

    /// <summary>The kinds that servers of this kind usually tell.</summary>
    public static IReadOnlyList<ChecksumKind> KindsOf(GfalServer server) => server.IsXrootd ? s_xrootd : s_gridFtp;

    public async ValueTask<Checksum?> GetAsync(StorePath path, ChecksumKind kind, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (await tree.LookAsync(path, ct).ConfigureAwait(false) is not { } facts || GfalEntries.KindOf(facts) != EntryKind.File)
        {
            throw GfalErrors.Of(StoreErrorKind.NotFound, path, $"has no checksum on {tree.Server}: no file is there");
        }

        return await AskAsync(tree, path, path, kind, ct).ConfigureAwait(false);
    }

    /// <summary>Asks the server; null where it cannot tell this kind.</summary>
    /// <param name="tree">Where.</param>
    /// <param name="file">The file.</param>
    /// <param name="path">The name for errors.</param>
    /// <param name="kind">Which kind.</param>
    /// <param name="ct">Cancels the call.</param>
    public static async Task<Checksum?> AskAsync(GfalTree tree, StorePath file, StorePath path, ChecksumKind kind, CancellationToken ct)
    {
        if (NameOf(kind) is not { } name)
        {
            return null;
        }

        byte[] url = tree.Url(file);
        return await tree.ToldKinds.AskAsync(kind, async () =>
        {
            GfalReply reply = await AskInTurnAsync(tree, new Frame(Verb.Checksum).Bytes(url).Text(name), ct).ConfigureAwait(false);
            return reply.Fault is not { } fault ? Of(kind, reply.Fields.Text())
                : GfalErrors.Meant(tree.Server, fault) == 95 ? null
                : throw tree.Error(fault, "given a checksum", path);
        }).ConfigureAwait(false);
    }

    private static async Task<GfalReply> AskInTurnAsync(GfalTree tree, Frame request, CancellationToken ct)
    {
        await tree.ChecksumTurns.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            return await tree.AskAsync(request, ct).ConfigureAwait(false);
        }
        finally
        {
            tree.ChecksumTurns.Release();
        }
    }

    /// <summary>A checksum as servers write it: of Adler-32, leading zeros may be missing. Null where they write nothing.</summary>
    internal static Checksum? Of(ChecksumKind kind, string text)
    {
        string told = text.Trim('\0', ' ', '\n');
        string hex = kind == ChecksumKind.Adler32 ? told.PadLeft(Checksum.SizeOf(kind) * 2, '0') : told;
        return told.Length == 0 ? null : hex.Length == Checksum.SizeOf(kind) * 2 && hex.All(char.IsAsciiHexDigit)
            ? new Checksum(kind, Convert.FromHexString(hex))
            : throw new StoreException(
                StoreErrorKind.Unavailable, string.Create(CultureInfo.InvariantCulture, $"The server's {kind} checksum cannot be read: \"{text}\"."));
    }

    private static string? NameOf(ChecksumKind kind) => kind switch
    {
        ChecksumKind.Md5 => "MD5",
        ChecksumKind.Adler32 => "ADLER32",
        ChecksumKind.Sha256 => "SHA256",
        _ => null,
    };
}
