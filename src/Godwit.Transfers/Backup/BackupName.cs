using System.Globalization;
using System.Text;
using Godwit.Storage;

namespace Godwit.Transfers.Backup;

/// <summary>Which names a file may get that is put aside: its own, and with a number where an earlier one has that.</summary>
internal static class BackupName
{
    /// <summary>Names that are tried; beyond it the directory is cleared, or another one named.</summary>
    public const int Most = 10_000;

    /// <summary>The name of this number: the path itself for 0, then <c>path.~1~</c> and so on, as <c>cp --backup=numbered</c> writes them.</summary>
    public static StorePath Of(StorePath path, int number) => number == 0
        ? path
        : StorePath.FromBytes([.. path.Bytes, .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $".~{number}~"))]);
}
