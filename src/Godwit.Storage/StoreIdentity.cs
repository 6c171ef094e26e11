namespace Godwit.Storage;

/// <summary>Which store this is: two stores with the same identity hold the same files.</summary>
/// <param name="Scheme">The URL scheme, such as <c>file</c> or <c>s3</c>.</param>
/// <param name="Authority">What the scheme's paths are unique in: host and port, endpoint and bucket, or the machine.</param>
/// <param name="Root">The store's root within the authority, canonical: links resolved, no trailing slash.</param>
public sealed record StoreIdentity(string Scheme, string Authority, StorePath Root)
{
    /// <summary>Stands in the scheme of a store that keeps its files within another one, in a form of its own, before that one's scheme.</summary>
    public const char Within = '+';

    /// <summary>The place in the store that has the bytes in the end: of a store within another one, that one; otherwise this.</summary>
    public StoreIdentity Innermost => this with { Scheme = Scheme[(Scheme.LastIndexOf(Within) + 1)..] };

    /// <summary>Whether another store has its files in another form: then no file of the one is a file of the other, wherever both lie.</summary>
    /// <param name="other">The other store.</param>
    public bool HasOtherFormThan(StoreIdentity other) => FormOf(this) != FormOf(other);

    /// <summary>Whether one of the two is the other or lies in it, as their names say.</summary>
    /// <param name="other">The other store.</param>
    public bool Overlaps(StoreIdentity other) => Space == other.Space && Root.Overlaps(other.Root);

    /// <summary>The identity of the space that <see cref="Absolute"/> paths are unique in; part of what a ledger knows a file by.</summary>
    public string Space => $"{Scheme}://{Authority}";

    /// <summary>The path within <see cref="Space"/>: the same file has the same one whichever root it was reached through.</summary>
    public StorePath Absolute(StorePath path) => Root.Join(path);

    /// <summary>The store's root as a URL for people. It never holds a secret.</summary>
    public override string ToString() => $"{Space}/{Root}";

    private static string FormOf(StoreIdentity store) => store.Scheme[..(store.Scheme.LastIndexOf(Within) + 1)];
}
