namespace Godwit.Tests.HostileTrees;

/// <summary>Names that break programs which take them for text, for options or for something shorter.</summary>
internal static class NameTrees
{
    private static readonly string s_long = new('n', 255);

    public static HostileTree[] All { get; } =
    [
        Arrives("spaces and blanks", [" ", "  two", "in between", "trailing ", "tab\tinside", "nb\u00a0sp"]),
        Arrives("quotes of every sort", ["'", "\"", "it's", "say \"yes\"", "`tick`", "“typographic”", "mixed'\"`"]),
        Arrives("line ends and control characters", ["new\nline", "carriage\rreturn", "\n", "bell\a", "escape\u001b[2J", "delete\u007f"]),
        Arrives("what a shell would run", ["$(touch pwned)", "`touch pwned`", "; rm -rf x", "a && b", "a|b", "$HOME", "%PATH%", "!x", "~", "#x", "a>b"]),
        Arrives("what a shell or a filter would expand", ["*", "?", "[a-z]", "{a,b}", "**", "a?"]),
        Arrives("backslashes, and names that look like escapes", ["\\", "back\\slash", "\\n", @"\x5cx41", @"\x5cxzz", "\\\\"]),
        Arrives("a leading dash", ["-", "--", "-rf", "--links=follow", "-d/-f"]),
        Arrives("a leading dot", [".hidden", "...", "..a", ".d/.f", ".a."]),
        Arrives("names that mean something elsewhere", ["CON", "nul", "aux.txt", "a:b", "C:", "s3:", "file:", "a@b", "name.", "x%2Fy", "a=b", "＼", "∕"]),
        Arrives("names of 255 bytes", [s_long, new string('é', 127) + "x", new string('鳥', 85), $"{s_long[1..]}/{s_long}"]),
        Arrives("names that end like a partial file", [".data.abcdefghijkmn.godwit-part", ".godwit-part", "a.godwit-part", ".a.godwit-part/b"]),
        Arrives("NFC and NFD twins", ["caf\u00e9", "cafe\u0301", "\u1e9b\u0323", "\u1e9b\u0323\u0307", "\u212b", "\u00c5", "A\u030a"]),
        Arrives("case twins", ["readme", "README", "ReadMe", "d/x", "D/x", "straße", "STRASSE", "ı", "i", "I", "İ"]),
        Arrives("bytes that are not UTF-8", [@"\xff", @"a\xffb", @"\xc3\x28", @"\xed\xa0\x80", @"\xc0\xaf", @"\xf4\x90\x80\x80", @"d\xfe/f\x80", "caf\\xe9"]),
        Arrives("invisible and turning characters", ["\u200b", "a\u202etxt.exe", "\ufeffbom", "\u2028line", "\u00ad", "👩\u200d🔬"]),
        Arrives("names that sort differently with and without their slash", ["a", "a.b", "a0", "a-b/c", "a b", "ab/c", "ab.d", "ab0"]),
        Arrives("a path of 60 directories", [string.Join('/', Enumerable.Repeat("deep", 60)) + "/file"]),
        Arrives("a path of more than 4,096 bytes", [string.Join('/', Enumerable.Repeat(s_long[..200], 30)) + "/file"]) with
        {
            Shown = ["a path of 6,034 bytes"],
        },
        Arrives("1,500 files in one directory", [.. Enumerable.Range(0, 1500).Select(number => $"f{number:0000}")]),
    ];

    private static HostileTree Arrives(string name, string[] paths) => new(name, ground => ground.PutAll(paths))
    {
        AllArrive = true,
        Shown = paths.Length <= 16 ? [.. paths.Select(Short)] : [],
    };

    private static string Short(string path) => path.Length <= 60 ? path : $"{path[..24]}...";
}
