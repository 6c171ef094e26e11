using Godwit.Transfers.Record.Sql;
using Npgsql;
using NpgsqlTypes;

namespace Godwit.Transfers.Record.Postgres;

/// <summary>One statement of PostgreSQL. The connection prepares it when it is first run there.</summary>
internal sealed class PostgresStatement(PostgresDatabase database, string text) : Statement(database)
{
    private readonly List<NpgsqlParameter> _values = [];
    private NpgsqlDataReader? _reader;

    public override Statement Bind(long value) => Bind(new NpgsqlParameter<long> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Bigint });

    public override Statement BindBytes(ReadOnlySpan<byte> value) =>
        Bind(new NpgsqlParameter<byte[]> { TypedValue = value.ToArray(), NpgsqlDbType = NpgsqlDbType.Bytea });

    public override int Run() => database.Change(Take());

    public override void Later(Action<int>? told = null) => database.Leave(Take(), told);

    protected override Statement BindText(string value) => Bind(new NpgsqlParameter<string> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Text });

    protected override Statement BindNull(Kind kind) => Bind(new NpgsqlParameter
    {
        Value = DBNull.Value,
        NpgsqlDbType = kind switch
        {
            Kind.Number => NpgsqlDbType.Bigint,
            Kind.Text => NpgsqlDbType.Text,
            _ => NpgsqlDbType.Bytea,
        },
    });

    protected override bool Step()
    {
        _reader ??= database.Ask(Take());
        try
        {
            return _reader.Read();
        }
        catch (NpgsqlException e)
        {
            throw database.Failed(e);
        }
    }

    protected override void Reset()
    {
        _values.Clear();
        if (_reader is not { } reader)
        {
            return;
        }

        _reader = null;
        try
        {
            reader.Dispose();
        }
        catch (NpgsqlException e)
        {
            throw database.Failed(e);
        }
    }

    protected override bool IsNullAt(int column) => _reader!.IsDBNull(column);

    protected override long LongAt(int column) => _reader!.GetInt64(column);

    protected override bool BoolAt(int column) => _reader!.GetFieldType(column) == typeof(bool) ? _reader.GetBoolean(column) : LongAt(column) != 0;

    protected override string TextAt(int column) => _reader!.GetString(column);

    protected override ReadOnlySpan<byte> BytesAt(int column) => _reader!.GetFieldValue<byte[]>(column);

    private PostgresStatement Bind(NpgsqlParameter value)
    {
        _values.Add(value);
        return this;
    }

    private NpgsqlBatchCommand Take()
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (NpgsqlParameter value in _values)
        {
            command.Parameters.Add(value);
        }

        _values.Clear();
        return command;
    }
}
