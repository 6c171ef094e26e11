namespace Godwit.Cli.Configuration.Rclone;

/// <summary>Makes an endpoint of an s3 remote.</summary>
internal static class RcloneS3
{
    private static readonly HashSet<string> s_understood =
    [
        "type", "provider", "env_auth", "access_key_id", "secret_access_key", "session_token", "region", "endpoint", "storage_class",
        "server_side_encryption", "sse_kms_key_id", "requester_pays", "force_path_style", "profile",
    ];

    // For these rclone puts the bucket into the host's name unless it is told otherwise.
    private static readonly HashSet<string> s_bucketInHost = ["AWS", "Alibaba", "Netease", "TencentCOS"];

    /// <summary>The endpoint.</summary>
    public static TakenOver From(RcloneRemote remote)
    {
        var taken = new TakenOver(remote.Name) { Url = "s3://" };
        string? server = remote["endpoint"] is { } endpoint
            ? endpoint.Contains("://", StringComparison.Ordinal) ? endpoint : $"https://{endpoint}"
            : null;
        taken.Option("endpoint", server);
        TakeRegion(remote, taken);
        taken.Option("path-style", PathStyle(remote, server));
        taken.Option("storage-class", remote["storage_class"]);
        taken.Option("encryption", remote["server_side_encryption"]);
        taken.Option("encryption-key", remote["sse_kms_key_id"]);
        taken.Option("requester-pays", remote["requester_pays"] == "true" ? "yes" : null);
        TakeCredential(remote, taken);
        foreach (string key in remote.Values.Keys.Where(key => !s_understood.Contains(key)))
        {
            taken.LeftOut.Add(key.StartsWith("sse_customer", StringComparison.Ordinal)
                ? $"{key}: keys of the customer's own are not supported; what was encrypted with one cannot be read"
                : $"{key}: there is no such setting here");
        }

        return taken;
    }

    private static void TakeRegion(RcloneRemote remote, TakenOver taken)
    {
        if (remote["region"] == "other-v2-signature")
        {
            taken.LeftOut.Add("region: other-v2-signature: requests are signed by version 4 only");
            return;
        }

        taken.Option("region", remote["region"]);
    }

    private static string? PathStyle(RcloneRemote remote, string? server) => remote["force_path_style"] switch
    {
        "true" => "yes",
        "false" => "no",
        _ => server is not null && s_bucketInHost.Contains(remote["provider"] ?? "") ? "no" : null,
    };

    private static void TakeCredential(RcloneRemote remote, TakenOver taken)
    {
        if (remote["access_key_id"] is { } key && remote["secret_access_key"] is { } secret)
        {
            taken.Plain("access-key", key);
            taken.Secret("secret-key", secret);
            if (remote["session_token"] is { } token)
            {
                taken.Secret("token", token);
            }
        }
        else if (remote["env_auth"] == "true")
        {
            taken.Option("profile", remote["profile"]);
        }
        else
        {
            taken.LeftOut.Add("no credential: rclone reads such a remote anonymously; here one is looked for in the environment and in ~/.aws");
        }
    }
}
