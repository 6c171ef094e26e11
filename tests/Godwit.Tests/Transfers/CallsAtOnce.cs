using Godwit.Storage;

namespace Godwit.Tests.Transfers;

/// <summary>Counts what is under way at a store: a read until its body is disposed.</summary>
internal sealed class CallsAtOnce : IStoreLayer
{
    private readonly TaskCompletionSource _met = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _reads;
    private int _writes;
    private int _mostReads;
    private int _mostWrites;

    /// <summary>The first writes wait until there are so many of them.</summary>
    public int WritesToMeet { get; init; }

    public bool TellsNoChecksum { get; init; }

    public int MostReads => _mostReads;

    public int MostWrites => _mostWrites;

    public async ValueTask<T> AroundAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct)
    {
        bool isRead = call.Verb is StoreVerb.OpenRead or StoreVerb.OpenRange or StoreVerb.OpenUnpublished;
        bool isWrite = call.Verb is StoreVerb.Write or StoreVerb.WritePart;
        if (isRead)
        {
            Raise(ref _reads, ref _mostReads);
        }
        else if (isWrite)
        {
            Raise(ref _writes, ref _mostWrites);
            await MeetAsync();
        }

        try
        {
            // A memory store answers before anybody else has a turn.
            await Task.Yield();
            await Task.Yield();
            T answer = await next(ct);
            return TellsNoChecksum && call.Verb == StoreVerb.GetChecksum ? default! : answer;
        }
        catch when (isRead)
        {
            Interlocked.Decrement(ref _reads);
            throw;
        }
        finally
        {
            Interlocked.Add(ref _writes, isWrite ? -1 : 0);
        }
    }

    public Stream AroundBody(StoreCall call, Stream body) => new Body(this, body);

    public WriteSource AroundSource(StoreCall call, WriteSource source) => source;

    private Task MeetAsync()
    {
        if (_mostWrites >= WritesToMeet)
        {
            _met.TrySetResult();
        }

        return _met.Task;
    }

    private static void Raise(ref int count, ref int most)
    {
        int now = Interlocked.Increment(ref count);
        for (int seen = most; seen < now; seen = most)
        {
            Interlocked.CompareExchange(ref most, now, seen);
        }
    }

    private sealed class Body(CallsAtOnce owner, Stream inner) : ThroughStream(inner)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Inner.ReadAsync(buffer, cancellationToken);

        protected override void Closed() => Interlocked.Decrement(ref owner._reads);
    }
}
