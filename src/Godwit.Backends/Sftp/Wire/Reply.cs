using System.Text;

namespace Godwit.Backends.Sftp.Wire;

/// <summary>An answer.</summary>
/// <param name="Type">Of which kind.</param>
/// <param name="Body">Its fields, behind the number.</param>
/// <param name="Count">Bytes of content that went straight where the request wanted them.</param>
internal sealed record Reply(PacketType Type, ReadOnlyMemory<byte> Body, int Count = 0)
{
    /// <summary>The status; null for an answer that brings something.</summary>
    public StatusCode? Status
    {
        get
        {
            if (Type != PacketType.Status)
            {
                return null;
            }

            var reader = new PacketReader(Body.Span);
            return (StatusCode)reader.UInt32();
        }
    }

    /// <summary>What the server says beside a status; empty where it says nothing.</summary>
    public string Words
    {
        get
        {
            var reader = new PacketReader(Body.Span);
            _ = reader.UInt32();
            return reader.IsAtEnd ? "" : Encoding.UTF8.GetString(reader.String());
        }
    }

    /// <summary>The handle of a file or directory that was opened.</summary>
    public byte[] Handle()
    {
        Require(PacketType.Handle);
        var reader = new PacketReader(Body.Span);
        return reader.String().ToArray();
    }

    /// <summary>The attributes that were asked for.</summary>
    public SftpAttributes Attributes()
    {
        Require(PacketType.Attributes);
        var reader = new PacketReader(Body.Span);
        return SftpAttributes.Read(ref reader);
    }

    /// <summary>Names, each with its attributes.</summary>
    public List<(byte[] Name, SftpAttributes Attributes)> Names()
    {
        Require(PacketType.Name);
        var reader = new PacketReader(Body.Span);
        var names = new List<(byte[], SftpAttributes)>();
        for (uint left = reader.UInt32(); left > 0; left--)
        {
            byte[] name = reader.String().ToArray();
            _ = reader.String();
            names.Add((name, SftpAttributes.Read(ref reader)));
        }

        return names;
    }

    private void Require(PacketType type)
    {
        if (Type != type)
        {
            throw new InvalidDataException($"an answer is of type {(byte)Type} where {(byte)type} belongs");
        }
    }
}
