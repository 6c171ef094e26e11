namespace Godwit.Transfers;

/// <summary>Where a transfer stands that was handed to a service. What may follow what is told by <see cref="TransferSteps"/>. Paused stands beside: a
/// transfer that is paused keeps its state.</summary>
public enum TransferState
{
    /// <summary>Accepted; waits for its turn.</summary>
    Submitted = 1,

    /// <summary>Its source is being made ready by the stager, who was asked.</summary>
    Staging,

    /// <summary>Its source is ready; waits for its turn.</summary>
    Staged,

    /// <summary>What is to be moved is being prepared, by whoever was asked.</summary>
    Preparing,

    /// <summary>It is prepared; waits for its turn.</summary>
    Prepared,

    /// <summary>Files are planned, moved and verified.</summary>
    Transferring,

    /// <summary>Everything that was planned arrived.</summary>
    Success,

    /// <summary>Some files were delivered and some were not.</summary>
    Partial,

    /// <summary>No file was delivered, or a step before failed.</summary>
    Error,

    /// <summary>It was cancelled; nothing more is written for it.</summary>
    Canceled,
}
