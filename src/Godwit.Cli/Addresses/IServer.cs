using Godwit.Backends.Local;
using Godwit.Cli.Configuration;
using Godwit.Storage;

namespace Godwit.Cli.Addresses;

/// <summary>A server that has directories, as an address names it.</summary>
internal interface IServer
{
    /// <summary>The scheme of its URLs, which is the kind of its endpoints.</summary>
    string Kind { get; }

    /// <summary>Its name or address, as it was written.</summary>
    string Host { get; }

    /// <summary>The address of a path as it would be written.</summary>
    byte[] Text(ReadOnlySpan<byte> path);

    /// <summary>The path of what lies below the root of an endpoint.</summary>
    /// <param name="root">The path of the endpoint's URL.</param>
    /// <param name="path">What was written behind its name, without a first <c>/</c> and without <c>..</c>; empty for the root itself.</param>
    byte[] Below(ReadOnlySpan<byte> root, ReadOnlySpan<byte> path);

    /// <summary>Opens a directory of it.</summary>
    /// <param name="directory">A path there.</param>
    /// <param name="local">Whether the root may be made and links are followed.</param>
    /// <param name="endpoint">What the configuration says of it, if anything.</param>
    /// <param name="wiring">What the command line is connected to.</param>
    /// <exception cref="CommandException">A setting or a secret cannot be used.</exception>
    /// <exception cref="StoreException">It has to be asked, and did not answer as it should.</exception>
    IStore Open(ReadOnlySpan<byte> directory, LocalOptions local, Endpoint? endpoint, Wiring wiring);

    /// <summary>Begins what takes its time before the server can be asked anything; what comes of it is told when it is opened.</summary>
    /// <param name="endpoint">What the configuration says of it, if anything.</param>
    /// <param name="wiring">What the command line is connected to.</param>
    /// <exception cref="CommandException">A setting cannot be used.</exception>
    void Begin(Endpoint? endpoint, Wiring wiring)
    {
    }

    /// <summary>The steps that look at the way to it.</summary>
    IReadOnlyList<DiagnosisStep> WayTo(Endpoint? endpoint, Wiring wiring);
}
