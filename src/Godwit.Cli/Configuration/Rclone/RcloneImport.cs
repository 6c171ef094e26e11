namespace Godwit.Cli.Configuration.Rclone;

/// <summary>Takes over rclone's remotes: endpoints into the configuration, secrets into files that only this user can read.</summary>
/// <param name="context">What the command is connected to.</param>
internal sealed class RcloneImport(CommandContext context)
{
    private readonly List<string> _leftOut = [];

    /// <summary>Takes over what can be, and says what cannot.</summary>
    /// <param name="named">rclone's configuration; null for where rclone would look.</param>
    /// <param name="ct">Cancels the call; nothing is half done.</param>
    public async Task<int> RunAsync(string? named, CancellationToken ct)
    {
        Wiring wiring = context.Wiring;
        string file = wiring.Configuration.FileOf(wiring.Environment);
        string text = ConfigurationText.Read(file, isNamed: false, ct) ?? "";
        var place = new ConfigurationPlace(file, wiring.Environment("HOME"));
        var faults = new Faults(file);
        GodwitConfiguration before = ConfigurationReader.Read(text, place, faults);
        faults.Require();
        string from = Path.GetFullPath(named ?? RcloneFile.Default(wiring.Environment));
        IReadOnlyList<RcloneRemote> remotes = RcloneFile.Read(from, ct);
        var secrets = new SecretFiles(file);
        TakenOver[] taken = [.. remotes.Select(remote => TakeOver(remote, before, place, secrets)).OfType<TakenOver>()];
        if (taken.Length > 0)
        {
            string after = ConfigurationEdit.WithEndpoints(text, [.. taken.Select(one => one.Lines(key => SecretFiles.Reference(one.Name, key)))], place);
            ct.ThrowIfCancellationRequested();
            Write(file, after, taken, secrets);
        }

        await TellAsync(from, file, taken, secrets).ConfigureAwait(false);
        return (int)ExitCode.Success;
    }

    private TakenOver? TakeOver(RcloneRemote remote, GodwitConfiguration before, ConfigurationPlace place, SecretFiles secrets)
    {
        TakenOver? taken = remote.Type switch
        {
            "s3" => RcloneS3.From(remote),
            "sftp" => RcloneSftp.From(remote),
            _ => null,
        };
        if (Obstacle(remote, taken, before, place, secrets) is { } why)
        {
            _leftOut.Add($"{remote.Name}: {why}");
            return null;
        }

        _leftOut.AddRange(taken!.LeftOut.Select(what => $"{remote.Name}: {what}"));
        return taken;
    }

    private static string? Obstacle(RcloneRemote remote, TakenOver? taken, GodwitConfiguration before, ConfigurationPlace place, SecretFiles secrets)
    {
        if (taken is null)
        {
            return $"a remote of the kind \"{remote.Type}\"; only s3 and sftp are taken over";
        }

        if (!EndpointName.IsRight(remote.Name))
        {
            return $"no endpoint can have this name: {EndpointName.Rule}. Rename it with: rclone config";
        }

        if (before.Find(remote.Name) is { } there)
        {
            return $"an endpoint of this name is there already ({there.Origin}) and was left as it is. Remove or rename one of them";
        }

        if (taken.Secrets.Select(secret => secrets.FileOf(taken.Name, secret.Key)).FirstOrDefault(File.Exists) is { } left)
        {
            return $"the file {left} is there already. Remove it, if no endpoint needs it";
        }

        return taken.Url is null ? taken.LeftOut[^1] : FaultOf(taken, place);
    }

    /// <summary>What the configuration would say against the endpoint alone.</summary>
    private static string? FaultOf(TakenOver taken, ConfigurationPlace place)
    {
        var faults = new Faults(place.File);
        string alone = string.Join('\n', taken.Lines(key => SecretFiles.Reference(taken.Name, key)).Select(line => $"  {line}").Prepend("endpoints:"));
        _ = ConfigurationReader.Read(alone, place, faults);
        return faults.IsEmpty ? null : string.Join(' ', faults.Sentences);
    }

    /// <summary>Secrets first: an endpoint whose secret is missing is worse than a file that nobody refers to.</summary>
    private static void Write(string file, string text, IEnumerable<TakenOver> taken, SecretFiles secrets)
    {
        var written = new List<string>();
        try
        {
            foreach ((string name, string key, string secret) in taken.SelectMany(one => one.Secrets.Select(secret => (one.Name, secret.Key, secret.Secret))))
            {
                written.Add(secrets.Write(name, key, secret));
            }

            ConfigurationEdit.Replace(file, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            written.ForEach(File.Delete);
            throw new CommandException(ExitCode.Other, $"Nothing was taken over: {e.Message}");
        }
    }

    private async Task TellAsync(string from, string file, TakenOver[] taken, SecretFiles secrets)
    {
        var lines = new List<string> { $"{from} -> {file}" };
        lines.AddRange(taken.Select(one => $"taken over: {one.Name} ({one.Url})"));
        if (taken.Any(one => one.Secrets.Any()))
        {
            lines.Add($"secrets are in {secrets.Folder}, readable by this user alone");
        }

        if (Array.Find(taken, one => one.Url!.StartsWith("sftp:", StringComparison.Ordinal)) is { Name: var box, Url: var url })
        {
            lines.Add(
                $"not as in rclone: {box}:/x is below the endpoint's url here, as {box}:x is, and that is the account's directory. "
                + $"What rclone calls {box}:/x, from the server's top, is {url}/x");
        }

        lines.AddRange(_leftOut.Select(what => $"not taken over: {what}"));
        foreach (string line in lines)
        {
            await context.Output.WriteLineAsync(ArgumentText.Show(line)).ConfigureAwait(false);
        }
    }
}
