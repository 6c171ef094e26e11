using Godwit.Tests.Cli.Pages;

namespace Godwit.ServerTests.Postgres;

/// <summary>Every command on the page about a ledger in PostgreSQL is run against a server of its own, and does what the page says.</summary>
public sealed class PostgresPagesTests(PrivatePostgres server) : IClassFixture<PrivatePostgres>
{
    [Fact]
    public async Task A_page_does_what_it_says()
    {
        var address = new Uri(server.Address);
        string[] login = address.UserInfo.Split(':');
        string text = await File.ReadAllTextAsync(Path.Combine(PageRun.Tasks, "postgres-ledger.md"));
        text = text.Replace("@db.example.org/transfers?sslmode=verify-full", $"@{address.Host}:{address.Port}/transfers", StringComparison.Ordinal)
            .Replace("db.example.org:5432", $"{address.Host}:{address.Port}", StringComparison.Ordinal)
            .Replace("-h db.example.org", $"-h {address.Host} -p {address.Port}", StringComparison.Ordinal)
            .Replace("-U postgres", $"-U {login[0]}", StringComparison.Ordinal);
        await PageRun.RequireAsync(text, ("PGPASSWORD", login[1]), ("ADMIN", login[1]));
    }
}
