using Godwit.Conformance.Ledger;
using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Transfers.Record;

/// <summary>For each sentence of the kit, a ledger that breaks it.</summary>
internal static class LedgerFaults
{
    public static IReadOnlyDictionary<string, Func<ILedger, ILedger>> All { get; } = new Dictionary<string, Func<ILedger, ILedger>>
    {
        ["Of two runs that claim one place"] = GrantsAlways,
        ["A place below a claimed one"] = GrantsAlways,
        ["An upload that is being completed"] = inner => new FaultyLedger(inner) { Completing = (_, _) => ValueTask.CompletedTask },
        ["Places that only share"] = inner => new FaultyLedger(inner)
        {
            Begin = (transfer, holder) =>
                inner.BeginTransferAsync(transfer with { DestinationPath = StorePath.Root }, holder, default),
        },
        ["A refused claim names"] = GrantsAlways,
        ["A claim is free when"] = inner => new FaultyLedger(inner) { End = (_, _, _, _) => ValueTask.CompletedTask },
        ["The claim of a dead run"] = inner => WithHolder(inner, holder => holder with { IsGone = _ => false }),
        ["A claim that was not renewed"] = inner => WithHolder(inner, holder => holder with { Patience = TimeSpan.Zero }),
        ["A run that certainly lives"] = inner => WithHolder(inner, holder => holder with { IsAlive = _ => false }),
        ["A run whose claim was taken"] = inner => new FaultyLedger(inner) { Renew = _ => ValueTask.FromResult(true) },
        ["A transfer comes back"] = inner => new FaultyLedger(inner)
        {
            End = (id, outcome, totals, ended) => inner.EndTransferAsync(id, outcome, totals with { Retries = 0 }, ended, default),
        },
        ["A transfer of a known id"] = inner => new FaultyLedger(inner)
        {
            Begin = async (transfer, holder) => await QuietlyAsync(async () => await inner.BeginTransferAsync(transfer, holder, default)),
        },
        ["Transfers are listed newest"] = inner => new FaultyLedger(inner) { Listed = all => [.. all.Reverse()] },
        ["A transfer is found by"] = inner => new FaultyLedger(inner) { Found = all => [.. all.Take(1)] },
        ["An unknown transfer is refused"] = inner => new FaultyLedger(inner) { Delivered = (_, _) => ValueTask.CompletedTask },
        ["What a run left over"] = inner => new FaultyLedger(inner)
        {
            Unfinished = all => [.. all.Select(file => file with { Parts = [.. file.Parts.Reverse()] })],
        },
        ["Files of a run that holds"] = inner => new FaultyLedger(inner)
        {
            Unfinished = all => all.Count > 0 ? all : [new UnfinishedFile(1, null!, null, 0, [])],
        },
        ["Every file under way"] = inner => new FaultyLedger(inner) { Asking = asking => asking with { IsGone = _ => false } },
        ["Left over files are found"] = inner => new FaultyLedger(inner) { Below = _ => StorePath.Root },
        ["A file that is begun again"] = inner => new FaultyLedger(inner) { Unfinished = all => [.. all, .. all] },
        ["A part recorded again"] = KeepsFirstPart,
        ["A new upload"] = KeepsOldParts,
        ["An adopted file keeps"] = inner => new FaultyLedger(inner) { Adopt = (_, _) => ValueTask.CompletedTask },
        ["What is forgotten at a destination"] = inner => new FaultyLedger(inner) { ForgetsNothing = true },
        ["A forgotten file is gone"] = inner => new FaultyLedger(inner) { ForgetsNothing = true },
        ["The number of a file"] = inner => new FaultyLedger(inner)
        {
            Start = (_, files, _) => ValueTask.FromResult<IReadOnlyList<long>>([.. files.Select((_, at) => at + 1L)]),
        },
        ["An upload or a part"] = inner => new FaultyLedger(inner)
        {
            Parts = async (file, parts) => await QuietlyAsync(async () =>
            {
                await inner.RecordPartsAsync(file, parts, default);
                return null;
            }),
        },
        ["A receipt comes back"] = inner => Delivering(inner, receipt => receipt with { Checksums = [] }),
        ["A delivered file is not"] = inner => Delivering(inner, receipt => receipt with { File = 0 }),
        ["What a run delivers after its claim"] = inner => new FaultyLedger(inner)
        {
            Delivered = async (id, receipts) => await QuietlyAsync(async () =>
            {
                await inner.RecordDeliveredAsync(id, receipts, default);
                return null;
            }),
        },
        ["Of two receipts of one pair"] = KeepsFirstReceipt,
        ["A receipt of another source"] = KeepsFirstReceipt,
        ["Receipts are listed in order"] = inner => new FaultyLedger(inner) { CutsPages = true },
        ["Receipts are listed for one scope"] = inner => new FaultyLedger(inner)
        {
            Scope = scope => scope with { Destination = StorePath.Root },
        },
        ["What a transfer delivered"] = inner => new FaultyLedger(inner) { AlwaysFirstPage = true },
        ["A mark comes back"] = inner => new FaultyLedger(inner)
        {
            Marking = marks => inner.RecordMarksAsync([.. marks.Select(mark => mark with { Made = default })], default),
        },
        ["Of two marks of one pair"] = inner => new FaultyLedger(inner)
        {
            Marking = async marks =>
            {
                IReadOnlyList<FileMark> known = await inner.ListMarksAsync(new ReceiptScope("file://here", StorePath.Root, "s3://there/bucket", StorePath.Root), null, 9, default);
                await inner.RecordMarksAsync([.. marks.Where(mark => known.All(one => one.Destination != mark.Destination))], default);
            },
        },
        ["A delivered file has no mark"] = inner => new FaultyLedger(inner) { Delivered = (_, _) => ValueTask.CompletedTask },
        ["Marks are listed for one scope"] = inner => new FaultyLedger(inner) { CutsPages = true },
        ["Receipts are found by the place"] = inner => new FaultyLedger(inner)
        {
            FoundDeliveries = all => [.. all.Where(one => one.Receipt.Intent.Source == one.Receipt.Intent.Destination)],
        },
        ["Receipts are found by their path below"] = inner => new FaultyLedger(inner) { Place = search => search with { Space = "s3://there/bucket" } },
        ["A receipt that is found"] = inner => new FaultyLedger(inner)
        {
            FoundDeliveries = all => [.. all.Select(one => one with { IsNewest = true })],
        },
        ["Marks are found by the place"] = inner => new FaultyLedger(inner) { CutsPages = true },
        ["A file whose last attempt"] = inner => new FaultyLedger(inner)
        {
            Attempts = all => [.. all.Select(attempt => attempt with { Final = true })],
        },
        ["Failed files are listed"] = inner => new FaultyLedger(inner) { CutsPages = true },
        ["A file that was delivered after all"] = inner => new FaultyLedger(inner) { Delivered = (_, _) => ValueTask.CompletedTask },
        ["Of a message that is no text"] = inner => new FaultyLedger(inner)
        {
            Attempts = all => [.. all.Select(attempt => attempt with { Message = attempt.Message.Split('\0')[0] })],
        },
        ["A call that was cancelled"] = inner => new FaultyLedger(inner)
        {
            Start = (id, files, _) => inner.StartFilesAsync(id, files, default),
        },
        ["A call that fails halfway"] = inner => new FaultyLedger(inner)
        {
            Adopt = async (id, files) =>
            {
                foreach (long file in files)
                {
                    await inner.AdoptFilesAsync(id, [file], default);
                }
            },
        },
        ["Many threads of two"] = LosesSome,
        ["What one process wrote"] = WritesLater,
    };

    public static ILedger Plant(LedgerCheck check, ILedger sound) =>
        All.Single(fault => check.Says.StartsWith(fault.Key, StringComparison.Ordinal)).Value(sound);

    private static FaultyLedger GrantsAlways(ILedger inner) => new(inner)
    {
        Begin = async (transfer, holder) =>
        {
            await inner.BeginTransferAsync(transfer, holder, default);
            return null;
        },
    };

    private static FaultyLedger WithHolder(ILedger inner, Func<RunHolder, RunHolder> change) => new(inner)
    {
        Begin = (transfer, holder) => inner.BeginTransferAsync(transfer, change(holder), default),
    };

    private static FaultyLedger Delivering(ILedger inner, Func<Receipt, Receipt> change) => new(inner)
    {
        Delivered = (id, receipts) => inner.RecordDeliveredAsync(id, [.. receipts.Select(change)], default),
    };

    private static FaultyLedger KeepsFirstPart(ILedger inner)
    {
        var seen = new HashSet<(long File, int Part)>();
        return new FaultyLedger(inner)
        {
            Parts = (file, parts) => inner.RecordPartsAsync(file, [.. parts.Where(part => seen.Add((file, part.Number)))], default),
        };
    }

    private static FaultyLedger KeepsOldParts(ILedger inner)
    {
        var parts = new List<(long File, FilePart Part)>();
        return new FaultyLedger(inner)
        {
            Upload = async (file, id, size) =>
            {
                await inner.RecordUploadAsync(file, id, size, default);
                await inner.RecordPartsAsync(file, [.. parts.Where(one => one.File == file).Select(one => one.Part)], default);
            },
            Parts = (file, more) =>
            {
                parts.AddRange(more.Select(part => (file, part)));
                return inner.RecordPartsAsync(file, more, default);
            },
        };
    }

    private static FaultyLedger KeepsFirstReceipt(ILedger inner)
    {
        var seen = new HashSet<StorePath>();
        return new FaultyLedger(inner)
        {
            Delivered = (id, receipts) =>
                inner.RecordDeliveredAsync(id, [.. receipts.Where(receipt => seen.Add(receipt.Intent.Destination))], default),
        };
    }

    private static FaultyLedger LosesSome(ILedger inner)
    {
        int calls = 0;
        return new FaultyLedger(inner)
        {
            Delivered = (id, receipts) =>
                Interlocked.Increment(ref calls) % 10 == 0 ? ValueTask.CompletedTask : inner.RecordDeliveredAsync(id, receipts, default),
        };
    }

    private static FaultyLedger WritesLater(ILedger inner)
    {
        var waiting = new List<Receipt>();
        return new FaultyLedger(inner)
        {
            Delivered = async (id, receipts) =>
            {
                await inner.RecordDeliveredAsync(id, [.. waiting], default);
                waiting.AddRange(receipts);
            },
        };
    }

    private static async ValueTask<TransferRecord?> QuietlyAsync(Func<Task<TransferRecord?>> call)
    {
        try
        {
            return await call();
        }
        catch (LedgerException)
        {
            return null;
        }
    }
}
