using System.Collections.Concurrent;
using Godwit.Backends.Gfal;

namespace Godwit.ServerTests.Gfal;

/// <summary>The stores of a test class, one for each server: each sentence works below a directory of its own.</summary>
public sealed class GridStores : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, Lazy<(GfalWorkers Workers, GfalStore Store)>> _stores = new();

    /// <summary>Every sentence that a server's store is put through on some stacks.</summary>
    public static TheoryData<string, string, string> SentencesOn(params (string Server, string Stack)[] stacks)
    {
        var data = new TheoryData<string, string, string>();
        foreach ((string server, string stack) in stacks)
        {
            foreach (string says in ServerKit.Sentences(withThousands: server != "xrootd-tls" && stack == ServerKit.Bare))
            {
                data.Add(server, stack, says);
            }
        }

        return data;
    }

    public GfalStore Of(string server) => _stores.GetOrAdd(server, name => new(() =>
    {
        GfalWorkers workers = GridServer.Connect(name);
        return (workers, GridServer.Open(workers, name));
    })).Value.Store;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (Lazy<(GfalWorkers Workers, GfalStore Store)> one in _stores.Values)
        {
            await one.Value.Workers.DisposeAsync();
        }
    }
}
