namespace Godwit.Cli.Configuration.Rclone;

/// <summary>Makes an endpoint of an sftp remote.</summary>
internal static class RcloneSftp
{
    private static readonly HashSet<string> s_understood = ["type", "host", "user", "port", "pass", "key_file", "key_file_pass", "known_hosts_file"];

    /// <summary>The endpoint.</summary>
    public static TakenOver From(RcloneRemote remote)
    {
        var taken = new TakenOver(remote.Name);
        if (remote["host"] is not { } host)
        {
            taken.LeftOut.Add("host: it has none");
            return taken;
        }

        string user = remote["user"] is { } name ? $"{name}@" : "";
        string port = remote["port"] is { } number and not "22" ? $":{number}" : "";
        taken.Url = $"sftp://{user}{host}{port}";
        taken.Option("key-file", remote["key_file"]);
        taken.Option("known-hosts", remote["known_hosts_file"]);
        TakeSecret(remote, "pass", "password", taken);
        TakeSecret(remote, "key_file_pass", "passphrase", taken);
        foreach (string key in remote.Values.Keys.Where(key => !s_understood.Contains(key)))
        {
            taken.LeftOut.Add(key == "key_pem"
                ? "key_pem: a key within the configuration is not supported; put it into a file and name that as key-file"
                : $"{key}: there is no such setting here");
        }

        return taken;
    }

    private static void TakeSecret(RcloneRemote remote, string from, string to, TakenOver taken)
    {
        if (remote[from] is not { } obscured)
        {
            return;
        }

        try
        {
            taken.Secret(to, Obscured.Reveal(obscured));
        }
        catch (FormatException e)
        {
            taken.LeftOut.Add($"{from}: {e.Message}");
        }
    }
}
