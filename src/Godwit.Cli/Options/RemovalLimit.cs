using System.CommandLine;
using System.Globalization;
using Godwit.Transfers;

namespace Godwit.Cli.Options;

/// <summary><c>--max-delete</c>: how much may be deleted, as a number of files or a share of them.</summary>
internal static class RemovalLimit
{
    /// <summary>The option, which gives null where it is not said.</summary>
    /// <param name="what">What it does in this command.</param>
    public static Option<RemovalPolicy?> Build(string what) => SettingOption.Of<RemovalPolicy?>("--max-delete", "N|N%", what, Read);

    private static RemovalPolicy Read(string text)
    {
        const NumberStyles Plain = NumberStyles.AllowDecimalPoint;
        if (text.EndsWith('%') && double.TryParse(text.AsSpan(0, text.Length - 1), Plain, CultureInfo.InvariantCulture, out double percent) && percent <= 100)
        {
            return new RemovalPolicy { MaxShare = percent / 100 };
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long files)
            ? new RemovalPolicy { MaxFiles = files }
            : throw new FormatException("write a number of files, such as 100, or a share of them, such as 5%");
    }
}
