namespace Godwit.Cli.Configuration;

/// <summary>An address of somebody whom a service calls by HTTP.</summary>
internal static class CalledAddress
{
    /// <summary>Reads it.</summary>
    /// <param name="settings">Reads values, and gets what is wrong.</param>
    /// <param name="key">Its key.</param>
    /// <param name="value">What stands there.</param>
    /// <param name="what">What goes there, for people.</param>
    /// <returns>Null, and a fault, where it cannot be used.</returns>
    public static Uri? Read(SettingReader settings, YamlScalar key, YamlNode value, string what)
    {
        if (settings.Text(key, value) is not { } text)
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" && url.Host.Length > 0 && url.UserInfo.Length == 0
            && url.Fragment.Length == 0 && (url.Scheme == "https" || url.IsLoopback))
        {
            return url;
        }

        // What stands behind a question mark may be a key, so that a wrong address is not repeated.
        settings.Faults.Add(
            key.Line,
            $"{key.Text} is not an address that {what} go to: write https://HOST/PATH without name and password; http:// only to this machine, such as http://127.0.0.1:8080/.");
        return null;
    }
}
