using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Postgres;
using Godwit.Transfers.Record.Sql;
using Npgsql;

namespace Godwit.Tests.Transfers.Record;

public sealed class PostgresAddressTests
{
    [Theory]
    [InlineData("postgres://me@db.example.org/ledger", "db.example.org", 5432, "ledger", "me", null)]
    [InlineData("postgresql://me:p%40ss%3A%2F@db:6000/led%20ger", "db", 6000, "led ger", "me", "p@ss:/")]
    [InlineData("postgres://[::1]:7000/ledger", "::1", 7000, "ledger", null, null)]
    [InlineData("postgres:///ledger?host=/run/postgresql", "/run/postgresql", 5432, "ledger", null, null)]
    [InlineData("postgres://me@/ledger?host=%2Frun%2Fpostgresql", "/run/postgresql", 5432, "ledger", "me", null)]
    public void An_address_says_where_and_who(string text, string host, int port, string database, string? user, string? password)
    {
        NpgsqlConnectionStringBuilder settings = PostgresAddress.Parse(text).Settings("test");
        Assert.Equal((host, port, database, user, password), (settings.Host, settings.Port, settings.Database, settings.Username, settings.Password));
    }

    [Theory]
    [InlineData("postgres://me:secret@db:5000/ledger", "postgres://db:5000/ledger")]
    [InlineData("postgres://me:secret@[::1]/ledger", "postgres://[::1]:5432/ledger")]
    [InlineData("postgres://me:secret@/ledger?host=/run", "postgres:///ledger?host=/run")]
    public void The_name_for_messages_has_neither_user_nor_password(string text, string name) => Assert.Equal(name, PostgresAddress.Parse(text).Name);

    [Theory]
    [InlineData("disable", SslMode.Disable)]
    [InlineData("verify-full", SslMode.VerifyFull)]
    public void The_encryption_is_asked_for_as_elsewhere(string value, SslMode mode) =>
        Assert.Equal(mode, PostgresAddress.Parse($"postgres://db/ledger?sslmode={value}&sslrootcert=%2Fca.pem").Settings("test").SslMode);

    [Theory]
    [InlineData("postgres://db", "names no database")]
    [InlineData("postgres://me:secret@db/", "names no database")]
    [InlineData("postgres:///ledger", "names no host")]
    [InlineData("postgres://me:secret@db/ledger?sslmode=yes", "sslmode is one of disable,")]
    [InlineData("postgres://me:secret@db/ledger?colour=red", "not known: colour")]
    [InlineData("postgres://me:secret@db/ledger?password=secret", "not known: password")]
    [InlineData("postgres://me:secret@db:port/ledger", "postgres://user@host:port/database")]
    [InlineData("mysql://me:secret@db/ledger", "postgres://user@host:port/database")]
    public void What_is_no_address_is_refused_without_repeating_it(string text, string why)
    {
        string message = Assert.Throws<FormatException>(() => PostgresAddress.Parse(text)).Message;
        Assert.Contains(why, message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parameters_are_numbered_and_what_is_quoted_stays() =>
        Assert.Equal("SELECT '?''?' || $1 WHERE a = $2", PostgresText.Of("SELECT '?''?' || ? WHERE a = ?"));

    [Theory]
    [InlineData("28P01", "PGPASSWORD")]
    [InlineData("3D000", "createdb")]
    [InlineData("42501", "owner")]
    [InlineData("53100", "no room")]
    [InlineData("55P03", "locked by another program")]
    [InlineData("25006", "standby")]
    [InlineData("54000", "path")]
    [InlineData("23505", "contradicts")]
    [InlineData("57P01", "the server runs")]
    public void An_error_names_the_database_and_the_remedy(string state, string remedy)
    {
        LedgerException e = PostgresErrors.Translate(new PostgresException("said", "ERROR", "ERROR", state), "postgres://db:5432/ledger");
        Assert.Contains("postgres://db:5432/ledger", e.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, e.Message, StringComparison.Ordinal);
        Assert.Contains($"said, {state}", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("as it is", "as it is")]
    [InlineData("a\0b", "a\uFFFDb")]
    [InlineData("\U0001F600", "\U0001F600")]
    public void Text_that_no_database_holds_is_replaced(string text, string stored) => Assert.Equal(stored, StoredText.Of(text));
}
