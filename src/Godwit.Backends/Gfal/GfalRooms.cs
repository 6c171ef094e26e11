using Godwit.Backends.Gfal.Native;

namespace Godwit.Backends.Gfal;

/// <summary>The memory that a worker and this process have in common, in slots: a lane has one as soon as it moves large pieces, and keeps it until it has
/// ended.</summary>
internal sealed class GfalRooms
{
    /// <summary>Bytes of a slot: a lane writes one piece while the next waits and a third is read.</summary>
    public const int SlotBytes = 3 * PieceBytes;

    /// <summary>Bytes of a piece at most.</summary>
    public const int PieceBytes = 4 << 20;

    /// <summary>The variable that tells a worker where the memory is.</summary>
    public const string Variable = "GODWIT_WORKER_MEMORY";

    // More lanes than that send their pieces through pipes.
    private const int Slots = 32;

    private readonly Stack<int> _free = new(Enumerable.Range(0, Slots).Reverse());
    private readonly SharedMemory _memory;

    private GfalRooms(SharedMemory memory) => _memory = memory;

    /// <summary>Where a worker finds it.</summary>
    public string Name => _memory.Name;

    /// <summary>New memory; null where the system has none to share.</summary>
    public static GfalRooms? Make() => SharedMemory.Make(Slots * SlotBytes) is { } memory ? new GfalRooms(memory) : null;

    /// <summary>A slot; null when all are in use.</summary>
    public Memory<byte>? Rent()
    {
        lock (_free)
        {
            return _free.TryPop(out int slot) ? _memory.Memory.Slice(slot * SlotBytes, SlotBytes) : null;
        }
    }

    /// <summary>Takes one back that nobody reads or writes any more.</summary>
    public void Return(Memory<byte> slot)
    {
        lock (_free)
        {
            _free.Push(_memory.OffsetOf(slot)!.Value / SlotBytes);
        }
    }

    /// <summary>Where a piece begins; null for memory that a worker does not have.</summary>
    public int? OffsetOf(ReadOnlyMemory<byte> piece) => _memory.OffsetOf(piece);
}
