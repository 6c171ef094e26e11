using System.Text.Json;
using Godwit.Backends.DropBox;
using Godwit.Cli.Results;

namespace Godwit.Cli.Relay;

/// <summary>Files of a drop box as JSON.</summary>
internal static class RelayFields
{
    /// <summary>The fields of a file; what is not known is left out.</summary>
    public static void WriteRelayFile(this Utf8JsonWriter json, DropBoxFile file)
    {
        json.WritePath("path", file.Path);
        json.WriteString("state", file.Delivered is null ? "waiting" : "delivered");
        json.WriteString("id", file.Id);
        json.WriteNumber("bytes", file.Length);
        json.WriteString("modified", file.Modified.ToString());
        json.WriteChecksums(file.Checksum is { } checksum ? [checksum] : []);
        if (file.IsAdopted)
        {
            json.WriteBoolean("adopted", true);
        }

        if (file.Pushed is { } pushed)
        {
            json.WriteString("pushed", pushed.ToString());
        }

        if (file.Delivered is { } delivered)
        {
            json.WriteString("delivered", delivered.ToString());
        }

        if (file is { Parts: { } parts, StoredLength: { } stored })
        {
            json.WriteNumber("parts", parts);
            json.WriteNumber("stored_bytes", stored);
        }

        if (file.Codec is { } codec)
        {
            json.WriteString("codec", codec);
        }
    }
}
