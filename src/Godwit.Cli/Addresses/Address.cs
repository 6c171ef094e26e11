using System.Text;
using System.Text.RegularExpressions;
using Godwit.Backends.Gfal;
using Godwit.Cli.Configuration;
using Godwit.Storage;

namespace Godwit.Cli.Addresses;

/// <summary>Where something is, as a command line says it: on this machine, on a server, or in a bucket.</summary>
internal sealed partial class Address
{
    private const string Known =
        "a path of this machine, file:///path, s3://bucket/prefix, sftp://user@host/path, gsiftp://host/path, root://host//path, roots://host//path "
        + "and name:path with an endpoint of the configuration";

    internal Address(byte[] path, string? bucket = null) => (Path, Bucket) = (path, bucket);

    /// <summary>The endpoint that it names; null for a path or a URL.</summary>
    public Endpoint? Endpoint { get; init; }

    /// <summary>The server; null on this machine and in a bucket.</summary>
    public IServer? Server { get; init; }

    /// <summary>Whose side it is, where there are two.</summary>
    public StoreSide Side { get; init; }

    /// <summary>What was written, where it names an endpoint.</summary>
    internal byte[]? Written { get; init; }

    /// <summary>Whether nothing but a directory can be meant, however it is written.</summary>
    private bool IsDirectory { get; init; }

    /// <summary>Whether it is an endpoint's own root, and nothing below it.</summary>
    public bool IsEndpointRoot { get; init; }

    /// <summary>The bucket; null on this machine and on a server.</summary>
    public string? Bucket { get; }

    /// <summary>The path on this machine or on the server (on an SFTP server it is relative to the account's own directory unless it
    /// begins with <c>/</c>); or within the bucket without a leading <c>/</c>. Bytes, because a name need not be Unicode.</summary>
    public byte[] Path { get; }

    /// <summary>What stands before the names of what is below it, for people and for lists.</summary>
    public byte[] Text => Written ?? (Bucket, Server) switch
    {
        ({ } bucket, _) => [.. Encoding.UTF8.GetBytes($"s3://{bucket}/"), .. Path],
        (_, { } server) => server.Text(Path),
        _ => Path,
    };

    /// <summary>Whether it is written like a directory: it ends in <c>/</c>, or in <c>.</c> or <c>..</c>.</summary>
    public bool LooksLikeDirectory => IsDirectory || LastName.SequenceEqual("."u8) || LastName.SequenceEqual(".."u8) || LastName.IsEmpty;

    /// <summary>The last name of the path; empty when it ends in <c>/</c>.</summary>
    public ReadOnlySpan<byte> LastName => Path.AsSpan()[(Path.AsSpan().LastIndexOf((byte)'/') + 1)..];

    /// <summary>The path of the directory that holds the last name.</summary>
    public ReadOnlySpan<byte> Directory =>
        Path.AsSpan()[..(Path.Length - LastName.Length)] is { IsEmpty: false } above ? above : Bucket is null ? "./"u8 : default;

    /// <summary>The path within the bucket.</summary>
    public StorePath Key => StorePath.FromBytes(Path.AsSpan().TrimEnd((byte)'/'));

    /// <summary>Reads an address.</summary>
    /// <param name="role">What it is for: <c>SRC</c>, <c>DST</c>, <c>URL</c>.</param>
    /// <param name="text">As <see cref="ArgumentText"/> gives it.</param>
    /// <param name="wiring">Knows the configuration, which has the endpoints.</param>
    /// <exception cref="CommandException">It holds a key, it is of a kind that this version does not know, or no endpoint has the name before its
    /// first colon: a mistyped server must not become a directory of this machine.</exception>
    public static Address Parse(string role, string text, Wiring wiring)
    {
        GodwitConfiguration configuration = wiring.Configuration.InForce(wiring.Environment);
        return NamesEndpoint(text)
            ? EndpointAddress.Of(role, EndpointPart().Match(text).Groups[1].Value, text, configuration)
            : Parse(role, text);
    }

    /// <summary>Whether the text begins with the name of an endpoint, whether there is one of that name or not; never a file.</summary>
    internal static bool NamesEndpoint(string text) => EndpointPart().IsMatch(text) && !Scheme().IsMatch(text);

    /// <summary>Reads an address that names no endpoint.</summary>
    internal static Address Parse(string role, string text)
    {
        if (text.Length == 0)
        {
            throw Wrong($"{role} is empty; write {Known}.");
        }

        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw Wrong($"{role} holds a NUL character; no file has such a name.");
        }

        Match url = Scheme().Match(text);
        if (url.Success)
        {
            return FromUrl(role, url.Groups[1].Value.ToLowerInvariant(), text[url.Length..]);
        }

        return new Address(ArgumentText.ToBytes(text));
    }

    /// <summary>The same address where nothing but a directory can be meant.</summary>
    public Address AsDirectory() => new(Path, Bucket)
    {
        Endpoint = Endpoint,
        Server = Server,
        Side = Side,
        Written = Written,
        IsEndpointRoot = IsEndpointRoot,
        IsDirectory = true,
    };

    /// <inheritdoc/>
    public override string ToString() => PathText.Escape(Text);

    private static Address FromUrl(string role, string scheme, string rest)
    {
        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        string authority = slash < 0 ? rest : rest[..slash];
        bool password = authority.LastIndexOf('@') is var at and > 0 && authority[..at].Contains(':', StringComparison.Ordinal);
        if (password || SecretInQuery().IsMatch(rest))
        {
            string readers = role == EndpointAddress.Role ? "reader of the configuration could see" : "user of this machine could read in the list of processes";
            throw Wrong($"{role} holds a key or a password, which every {readers}. Take it out; credentials belong in files or the environment.");
        }

        if (scheme == "s3")
        {
            return InBucket(role, authority, slash < 0 ? "" : rest[(slash + 1)..]);
        }

        if (scheme == "sftp")
        {
            return SftpAddress.Of(role, authority, slash < 0 ? null : Unescaped(ArgumentText.ToBytes(rest[slash..])));
        }

        if (GfalServer.Ports.ContainsKey(scheme))
        {
            return GridAddress.Of(role, scheme, authority, slash < 0 ? null : Unescaped(ArgumentText.ToBytes(rest[slash..])));
        }

        if (scheme != "file")
        {
            throw Wrong($"{role} is a {scheme}:// address, which this version cannot reach; it knows {Known}.");
        }

        if (authority is not ("" or "localhost") || slash < 0)
        {
            throw Wrong($"{role} is a file:// address of another machine or without a path; write file:///path.");
        }

        byte[] path = Unescaped(ArgumentText.ToBytes(rest[slash..]));
        return path.Contains((byte)0) ? throw Wrong($"{role} holds a NUL character; no file has such a name.") : new Address(path);
    }

    /// <summary>A path within a bucket stands for itself, also a percent sign in it: other tools write keys so.</summary>
    private static Address InBucket(string role, string bucket, string path)
    {
        if (!BucketName().IsMatch(bucket))
        {
            throw Wrong($"{role} names the bucket \"{ArgumentText.Show(bucket)}\", and no bucket can have this name. "
                + "Write s3://bucket/prefix, and the server with --s3-endpoint.");
        }

        var address = new Address(ArgumentText.ToBytes(path), bucket);
        try
        {
            _ = address.Key;
            return address;
        }
        catch (StoreException e)
        {
            throw Wrong($"{role} cannot be a path in a bucket: {e.Message}");
        }
    }

    /// <summary>Bytes for <c>%NN</c>. Everything else stands for itself.</summary>
    private static byte[] Unescaped(byte[] text)
    {
        var bytes = new List<byte>(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && char.IsAsciiHexDigit((char)text[i + 1]) && char.IsAsciiHexDigit((char)text[i + 2]))
            {
                bytes.Add(Convert.FromHexString(Encoding.ASCII.GetString(text, i + 1, 2))[0]);
                i += 2;
            }
            else
            {
                bytes.Add(text[i]);
            }
        }

        return [.. bytes];
    }

    private static CommandException Wrong(string message) => new(ExitCode.Usage, message);

    [GeneratedRegex(@"^([A-Za-z][A-Za-z0-9+.-]*)://")]
    private static partial Regex Scheme();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$")]
    private static partial Regex BucketName();

    [GeneratedRegex(@"^([^/:]*):")]
    private static partial Regex EndpointPart();

    [GeneratedRegex(@"[?&][^=&]*(key|secret|token|password|passwd|signature|credential)[^=&]*=", RegexOptions.IgnoreCase)]
    private static partial Regex SecretInQuery();
}
