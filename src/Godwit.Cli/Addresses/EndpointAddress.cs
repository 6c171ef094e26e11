using Godwit.Cli.Configuration;

namespace Godwit.Cli.Addresses;

/// <summary>Addresses by the name of an endpoint: <c>name:path</c>.</summary>
internal static class EndpointAddress
{
    /// <summary>What an address is for that the configuration gives an endpoint.</summary>
    public const string Role = "url";

    /// <summary>The endpoint with its kind and its root, from its URL.</summary>
    /// <exception cref="CommandException">The URL is none that an endpoint can have.</exception>
    public static Endpoint Rooted(Endpoint endpoint, ConfigurationPlace place)
    {
        string url = endpoint.Url.Text;
        if (url == "s3://")
        {
            return endpoint with { Kind = "s3" };
        }

        if (url.StartsWith("~/", StringComparison.Ordinal) && place.Home is not null)
        {
            url = place.Whole(url);
        }

        var root = Address.Parse(Role, url);
        return root.Bucket is not null || root.Server is not null || root.Path is [(byte)'/', ..]
            ? endpoint with { Kind = root.Bucket is not null ? "s3" : root.Server?.Kind ?? "file", Root = root }
            : throw new CommandException(
                ExitCode.Usage, $"url is \"{ArgumentText.Show(url)}\": write a whole path, such as /data/archive, s3://bucket/prefix or sftp://user@host/path.");
    }

    /// <summary>The address of <c>name:path</c>.</summary>
    /// <exception cref="CommandException">No endpoint has the name, or the path cannot lie below it.</exception>
    public static Address Of(string role, string name, string text, GodwitConfiguration configuration)
    {
        if (configuration.Find(name) is not { } endpoint)
        {
            throw Unknown(role, name, text, configuration);
        }

        string path = text[(name.Length + 1)..].TrimStart('/');
        if (path.Contains('\0', StringComparison.Ordinal))
        {
            throw Wrong($"{role} holds a NUL character; no file has such a name.");
        }

        if (path.Split('/').Contains(".."))
        {
            throw Wrong($"{role} \"{ArgumentText.Show(text)}\" holds \"..\", which could lead out of the endpoint. Write the path without it.");
        }

        Address place = endpoint.Root is { } root ? Below(root, path) : InAnyBucket(role, name, path);
        return new Address(place.Path, place.Bucket)
        {
            Endpoint = endpoint,
            Server = place.Server,
            Side = SftpAddress.SideOf(role),
            Written = ArgumentText.ToBytes(text),
            IsEndpointRoot = path.Trim('/') is "" or ".",
        };
    }

    /// <summary>An endpoint is a directory: without a path its root is meant, not a file of that name.</summary>
    private static Address Below(Address root, string path)
    {
        if (root.Server is { } server)
        {
            return new Address(server.Below(root.Path, ArgumentText.ToBytes(path))) { Server = server };
        }

        byte[] above = [.. root.Path.AsSpan().TrimEnd((byte)'/'), (byte)'/'];
        byte[] whole = root.Bucket is not null && above.Length == 1 ? ArgumentText.ToBytes(path) : [.. above, .. ArgumentText.ToBytes(path)];
        return root.Bucket is null ? new Address(whole) : Checked(root.Bucket, whole);
    }

    /// <summary>The bucket comes first in the path.</summary>
    private static Address InAnyBucket(string role, string name, string path) => path.Length == 0
        ? throw Wrong($"{role} \"{name}:\" names no bucket, and the endpoint's url is s3:// alone. Write {name}:bucket/path.")
        : Address.Parse(role, $"s3://{path}");

    private static Address Checked(string bucket, byte[] key) => Address.Parse("The path", $"s3://{bucket}/{ArgumentText.FromBytes(key)}");

    private static CommandException Unknown(string role, string name, string text, GodwitConfiguration configuration)
    {
        string shown = ArgumentText.Show(name);
        string why = EndpointName.IsRight(name)
            ? $"names the endpoint \"{shown}\", and no endpoint of that name is configured. {configuration.NearestTo(name)}"
            : $"has a colon, and \"{shown}\" before it cannot be the name of an endpoint: {EndpointName.Rule}.";
        string machine = name.Contains('@', StringComparison.Ordinal) || text[(name.Length + 1)..] is ['/', ..]
            ? " A path of another machine is written sftp://user@host/path."
            : "";
        return Wrong($"{role} {why}{machine} A local file of that name is written ./{ArgumentText.Show(text)}.");
    }

    private static CommandException Wrong(string message) => new(ExitCode.Usage, message);
}
