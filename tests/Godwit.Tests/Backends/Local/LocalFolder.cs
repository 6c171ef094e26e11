using System.Diagnostics;
using System.Text;
using Godwit.Backends.Local;
using Godwit.Storage;

namespace Godwit.Tests.Backends.Local;

/// <summary>A fresh directory with a store below it, and room beside the store's root for what must stay untouched.</summary>
internal sealed class LocalFolder : IAsyncDisposable
{
    public LocalFolder(LocalOptions? options = null)
    {
        Outside = Directory.CreateTempSubdirectory("godwit-local-").FullName;
        Root = Path.Combine(Outside, "root");
        Directory.CreateDirectory(Root);
        Store = LocalStore.In(Root, options);
    }

    public string Outside { get; }

    public string Root { get; }

    public LocalStore Store { get; }

    public static StorePath At(string path) => StorePath.FromText(path);

    public static WriteSource Text(string text) => WriteSource.From(Encoding.UTF8.GetBytes(text));

    public string On(string name) => Path.Combine(Root, name);

    public ValueTask<StoreEntry> WriteAsync(string path, string text, WriteOptions? options = null) =>
        Store.WriteAsync(At(path), Text(text), options ?? WriteOptions.Default, default);

    public async Task<string> ReadAsync(string path)
    {
        await using StoreBody body = await Store.OpenReadAsync(At(path), default);
        using var reader = new StreamReader(body.Content);
        return await reader.ReadToEndAsync();
    }

    public async Task<List<StoreEntry>> ListAsync(StorePath directory)
    {
        var all = new List<StoreEntry>();
        StorePage page = await Store.ListAsync(directory, null, default);
        all.AddRange(page.Entries);
        while (page.Next is { } next)
        {
            page = await Store.ListAsync(directory, next, default);
            all.AddRange(page.Entries);
        }

        return all;
    }

    /// <summary>Everything below the root by name, partial files included.</summary>
    public string[] Names() => [.. Directory.EnumerateFileSystemEntries(Root, "*", SearchOption.AllDirectories)
        .Select(p => Path.GetRelativePath(Root, p)).Order(StringComparer.Ordinal)];

    public static async Task<StoreException> FailsAsync(StoreErrorKind kind, Func<Task> call)
    {
        StoreException error = await Assert.ThrowsAsync<StoreException>(call);
        Assert.True(kind == error.Kind, $"{error.Kind}: {error.Message}");
        return error;
    }

    /// <summary>Runs a command of the system and fails with its words when it fails.</summary>
    public static void Run(string command, params string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        string words = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{command} {string.Join(' ', arguments)}: {words} (this test needs root)");
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Run("rm", "-rf", "--one-file-system", Outside);
    }
}
