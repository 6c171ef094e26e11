namespace Godwit.Transfers.Record.Sql;

/// <summary>What a transaction survives once it is committed.</summary>
internal enum Survives
{
    /// <summary>The end of the process.</summary>
    ProcessEnd,

    /// <summary>A power failure.</summary>
    PowerFailure,
}
