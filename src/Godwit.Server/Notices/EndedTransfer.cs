using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Notices;

/// <summary>What is told of a transfer that ended.</summary>
/// <param name="Notice">The notice.</param>
/// <param name="Transfer">The transfer. Where it stands may be another by now: how it ended is in the notice.</param>
/// <param name="Totals">The counts over its runs up to the round that ended; null where none began.</param>
/// <param name="Now">When it is told.</param>
public sealed record EndedTransfer(NewNotice Notice, Submission Transfer, TransferTotals? Totals, Timestamp Now);
