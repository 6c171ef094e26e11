using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaIngest;

/// <summary>What one state file holds: a JSON object with a member for each file name. Members that are not changed keep their very bytes, whatever they
/// are. Memory is that of the file.</summary>
internal sealed class CtaIngestState
{
    private readonly OrderedDictionary<string, Member> _members = new(StringComparer.Ordinal);

    /// <summary>The names, in the order of the file.</summary>
    public IEnumerable<string> Names => _members.Keys;

    /// <summary>Reads a state file.</summary>
    /// <param name="file">Its name, for the error.</param>
    /// <param name="json">Its bytes; kept.</param>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Integrity"/>: it is no JSON object.</exception>
    public static CtaIngestState Parse(StorePath file, ReadOnlyMemory<byte> json)
    {
        var state = new CtaIngestState();
        try
        {
            var reader = new Utf8JsonReader(json.Span);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                throw Broken(file, "it is no object", null);
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                int from = (int)reader.TokenStartIndex + 1;
                ReadOnlyMemory<byte> written = json.Slice(from, reader.ValueSpan.Length);
                string name = NameOf(ref reader, written);
                reader.Read();
                int start = (int)reader.TokenStartIndex;
                reader.Skip();
                state._members[name] = new Member(written, json[start..(int)reader.BytesConsumed]);
            }

            // What follows the object is a fault, and not passed over.
            while (reader.Read())
            {
            }

            return state;
        }
        catch (JsonException e)
        {
            throw Broken(file, e.Message, e);
        }
    }

    /// <summary>What is there under a name.</summary>
    public bool TryGet(string name, out ReadOnlyMemory<byte> json)
    {
        bool isThere = _members.TryGetValue(name, out Member member);
        json = member.Json;
        return isThere;
    }

    /// <summary>Whether anything is there under a name.</summary>
    public bool Has(string name) => _members.ContainsKey(name);

    /// <summary>Puts something there.</summary>
    /// <returns>Whether that changed anything.</returns>
    public bool Set(string name, ReadOnlyMemory<byte> json)
    {
        bool isThere = _members.TryGetValue(name, out Member member);
        if (isThere && member.Json.Span.SequenceEqual(json.Span))
        {
            return false;
        }

        _members[name] = new Member(isThere ? member.Name : Encoding.ASCII.GetBytes(JavaScriptEncoder.Default.Encode(name)), json);
        return true;
    }

    /// <summary>Takes away what is there under a name.</summary>
    /// <returns>Whether anything was.</returns>
    public bool Remove(string name) => _members.Remove(name);

    /// <summary>The file as Python's json writes it.</summary>
    public byte[] ToBytes()
    {
        using var bytes = new MemoryStream();
        bytes.WriteByte((byte)'{');
        foreach ((_, Member member) in _members)
        {
            bytes.Write(bytes.Length > 1 ? ", \""u8 : "\""u8);
            bytes.Write(member.Name.Span);
            bytes.Write("\": "u8);
            bytes.Write(member.Json.Span);
        }

        bytes.WriteByte((byte)'}');
        return bytes.ToArray();
    }

    /// <summary>Half of a surrogate pair is how Python writes a byte that is no UTF-8: such a name is kept, and is that of no file here.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "The reader tells such a name by this error alone.")]
    private static string NameOf(ref Utf8JsonReader reader, ReadOnlyMemory<byte> written)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return CtaIngestLayout.Unreadable + Encoding.UTF8.GetString(written.Span);
        }
    }

    private static StoreException Broken(StorePath file, string how, Exception? inner) => new(
        StoreErrorKind.Integrity,
        $"\"{file}\" in the drop box cannot be read as what CTA Ingest keeps there: {how}. Nothing was written. Mend it, or put back what it was.", inner)
    {
        Path = file,
        Next = NextStep.GiveUp,
    };

    private readonly record struct Member(ReadOnlyMemory<byte> Name, ReadOnlyMemory<byte> Json);
}
