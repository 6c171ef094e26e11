using Godwit.Backends.Local;
using Godwit.Conformance;
using Godwit.Storage;
using Godwit.Tests.HostileTrees;

namespace Godwit.Tests.Cli;

/// <summary>A name that is a file on one side and a directory on the other: a sync makes way under its guards, a copy says what is in the way.</summary>
public sealed class TypeChangeTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string> Changes()
    {
        string[] files = ["file", "link", "dangling"];
        string[] directories = ["empty", "full", "deep"];
        var all = new TheoryData<string, string>();
        foreach (string file in files)
        {
            foreach (string directory in directories)
            {
                all.Add(file, directory);
                all.Add(directory, file);
            }
        }

        return all;
    }

    [Fact]
    public async Task A_dry_run_that_finds_something_in_the_way_does_not_say_success()
    {
        Arrange("full", "file");
        Answer answer = await _folder.CopyAsync("--dry-run");
        Assert.NotEqual(0, answer.Code);
        Assert.Contains("copy PARTIAL: dry run", answer.Error + answer.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_sync_converges_whatever_became_what(string here, string there)
    {
        foreach (string options in (string[])["", "--order large-first", "--backup-dir " + _folder.In("aside")])
        {
            Arrange(here, there);
            Answer answer = await SyncAsync(["--links", "keep", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
            Assert.True(answer.Code == 0, $"{options}: {answer.Error}{answer.Output}");
            Assert.Equal(Shape(_folder.Source), Shape(_folder.Destination));
            Assert.Contains("0 of 0 files", (await SyncAsync("--links", "keep")).Output, StringComparison.Ordinal);
        }

        string[] kept = there switch { "full" => ["a/y"], "deep" => ["a/d/e/y", "a/y"], "empty" => [], _ => ["a"] };
        Assert.Equal(kept, Shape(_folder.In("aside")).Where(one => !one.EndsWith('/')).Select(one => one.Split(' ')[0]));
    }

    [Theory]
    [InlineData("copy")]
    [InlineData("sync")]
    [InlineData("move")]
    public async Task A_pipe_where_a_file_should_go_stays_and_is_told(string verb)
    {
        _folder.Put("a", "one");
        Directory.CreateDirectory(_folder.Destination);
        RawFiles.MakeSpecial(_folder.Destination, "a", 0x1000);
        foreach (string[] ends in (string[][])[[_folder.Source, _folder.Destination], [_folder.In("src/a"), _folder.In("dst/a")]])
        {
            if (verb == "copy" || ends[0] == _folder.Source)
            {
                Answer answer = await _folder.RunAsync([verb, .. ends]);
                Assert.True(answer.Code == 6, answer.Error + answer.Output);
                Assert.Contains("a device, pipe or socket \"a\" where the file should go", answer.Error, StringComparison.Ordinal);
            }
        }

        Assert.Equal("one", File.ReadAllText(_folder.In("src/a")));
        await using IStore there = LocalStore.In(System.Text.Encoding.UTF8.GetBytes(_folder.Destination));
        Assert.Equal(EntryKind.Other, (await there.StatAsync(StorePath.FromText("a"), default))!.Kind);
    }

    [Theory]
    [InlineData("pipe", "--no-overwrite")]
    [InlineData("pipe", "--compare exists")]
    [InlineData("full", "--no-overwrite")]
    [InlineData("full", "--compare exists")]
    public async Task What_is_no_file_does_not_count_as_the_file_that_is_there(string there, string options)
    {
        _folder.Put("a", "one");
        _folder.Put("d/x", "two");
        Make(_folder.Destination, there == "pipe" ? "none" : there, "y", "old");
        File.WriteAllText(Path.Combine(_folder.Destination, "d"), "a file");
        if (there == "pipe")
        {
            RawFiles.MakeSpecial(_folder.Destination, "a", 0x1000);
        }

        File.WriteAllText(_folder.In("list"), "a\ta\n");
        (string[] Ends, string[] More)[] forms =
        [
            ([_folder.Source, _folder.Destination], []),
            ([_folder.In("src/a"), _folder.Destination + "/"], []),
            ([_folder.Source, _folder.Destination], ["--files-from", _folder.In("list")]),
        ];
        foreach ((string[] ends, string[] more) in forms)
        {
            foreach (string[] dry in (string[][])[["--dry-run"], []])
            {
                Answer answer = await _folder.RunAsync(["copy", .. ends, .. options.Split(' '), .. more, .. dry]);
                Assert.True(answer.Code == 6, answer.Error + answer.Output);
                Assert.Contains("[in-the-way, destination]", answer.Error, StringComparison.Ordinal);
                Assert.DoesNotContain("there already", answer.Output, StringComparison.Ordinal);
                Assert.Equal(ends[0] == _folder.Source && more.Length == 0, answer.Error.Contains("FAILED d/x", StringComparison.Ordinal));
            }
        }
    }

    [Theory]
    [InlineData("--no-overwrite")]
    [InlineData("--compare exists")]
    public async Task What_stays_unlooked_at_is_not_said_to_be_unchanged(string options)
    {
        _folder.Put("a", "one");
        PutThere("a", "another");
        Answer answer = await _folder.CopyAsync(options.Split(' '));
        Assert.Equal(0, answer.Code);
        Assert.Contains("; 1 there already and left as it is;", answer.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("unchanged", answer.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("copy", "")]
    [InlineData("sync", "")]
    [InlineData("sync", "--include *")]
    [InlineData("move", "")]
    public async Task A_pipe_where_a_directory_should_go_stays_and_no_command_is_said_to_delete_it(string verb, string filter)
    {
        _folder.Put("a/x", "one");
        _folder.Put("other", "two");
        Directory.CreateDirectory(_folder.Destination);
        RawFiles.MakeSpecial(_folder.Destination, "a", 0x1000);
        foreach (string dry in (string[])["--dry-run", "", ""])
        {
            string[] options = [.. $"{filter} {dry}".Split(' ', StringSplitOptions.RemoveEmptyEntries)];
            Answer answer = await _folder.RunAsync([verb, _folder.Source, _folder.Destination, .. options]);
            Assert.True(answer.Code == 6, dry + answer.Error + answer.Output);
            Assert.Contains("DST has a device, pipe or socket \"a\" where SRC has a directory: move it away, or name another destination.", answer.Error, StringComparison.Ordinal);
            Assert.Contains("FAILED a/x", answer.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("use sync", answer.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("would copy a", answer.Output, StringComparison.Ordinal);
        }

        Assert.Equal("one", File.ReadAllText(_folder.In("src/a/x")));
        Assert.Equal("two", File.ReadAllText(_folder.In("dst/other")));
        File.Delete(Path.Combine(_folder.Destination, "a"));
        Assert.Equal(0, (await _folder.RunAsync([verb, _folder.Source, _folder.Destination])).Code);
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_copy_says_what_is_in_the_way_and_changes_nothing_there(string here, string there)
    {
        Arrange(here, there);
        string[] before = Shape(_folder.Destination);
        Answer answer = await _folder.CopyAsync("--links", "keep", "--json");
        Assert.Equal(6, answer.Code);
        Assert.Contains("use sync", answer.Error + answer.Output, StringComparison.Ordinal);
        Assert.All(
            answer.Events.Where(one => one.GetProperty("event").GetString() == "file.failed"),
            one => Assert.Equal(("in-the-way", 1), (one.GetProperty("kind").GetString(), one.GetProperty("attempts").GetInt32())));
        Assert.DoesNotContain(answer.Events, one => one.GetProperty("event").GetString() == "file.retried");
        Assert.Equal(before, Shape(_folder.Destination).Where(one => !one.StartsWith("other", StringComparison.Ordinal)));
        Assert.Equal(6, (await _folder.CopyAsync("--links", "keep", "--dry-run")).Code);
    }

    [Theory]
    [InlineData("file", "deep")]
    [InlineData("deep", "file")]
    public async Task The_guards_are_about_what_is_in_the_way_too(string here, string there)
    {
        Arrange(here, there);
        string[] before = Shape(_folder.Destination);
        Answer answer = await SyncAsync("--max-delete", "0");
        Assert.Equal(7, answer.Code);
        Assert.Contains("--max-delete", answer.Error + answer.Output, StringComparison.Ordinal);
        Assert.Equal(before, Shape(_folder.Destination).Where(one => !one.StartsWith("other", StringComparison.Ordinal)));
        Answer dry = await SyncAsync("--dry-run");
        Assert.Contains("would delete a", dry.Output, StringComparison.Ordinal);
        Assert.Contains("would copy a", dry.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("file", "deep")]
    [InlineData("deep", "file")]
    public async Task After_a_failure_nothing_makes_way_and_it_is_said(string here, string there)
    {
        Arrange(here, there);
        string[] before = Shape(_folder.Destination);
        _folder.Wiring = _folder.Wiring with
        {
            DressStore = (store, side) => side != StoreSide.Source ? store : new LayeredStore(store, new AtEachCall((call, moment, _) =>
                moment == CallMoment.Before && call.Path == StorePath.FromText("other") && call.Verb is StoreVerb.OpenRead or StoreVerb.OpenRange
                    ? throw new StoreException(StoreErrorKind.Forbidden, "no") { Path = call.Path }
                    : ValueTask.CompletedTask)),
        };
        Answer answer = await SyncAsync();
        Assert.Contains("in-the-way", answer.Error, StringComparison.Ordinal);
        Assert.Equal(before, Shape(_folder.Destination));
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("stream")]
    public async Task A_pipe_that_came_after_the_plan_stays_and_is_in_the_way(string route)
    {
        _folder.Put("a", "one");
        Directory.CreateDirectory(_folder.Destination);
        string there = Path.Combine(_folder.Destination, "a");
        File.WriteAllText(there, "longer");
        int pipes = 0;
        _folder.Wiring = _folder.Wiring with
        {
            DressStore = (store, side) => side != StoreSide.Destination ? store : new LayeredStore(store, new AtEachCall((call, moment, _) =>
            {
                if (moment == CallMoment.Before && call.Verb is StoreVerb.CompleteParts or StoreVerb.Write or StoreVerb.ServerCopy && pipes++ == 0)
                {
                    File.Delete(there);
                    System.Diagnostics.Process.Start("mkfifo", [there]).WaitForExit();
                }

                return ValueTask.CompletedTask;
            })),
        };
        Answer answer = await _folder.CopyAsync("--route", route);
        Assert.Equal((6, true), (answer.Code, pipes > 0));
        Assert.Contains("[in-the-way, destination", answer.Error, StringComparison.Ordinal);
        Assert.Equal([there], Directory.GetFileSystemEntries(_folder.Destination));
        Assert.False(File.GetAttributes(there).HasFlag(FileAttributes.Directory));
        Assert.Equal(0, new FileInfo(there).Length);
    }

    [Fact]
    public async Task A_directory_in_the_way_that_no_listing_showed_is_not_tried_twice()
    {
        Arrange("file", "full");
        Answer answer = await _folder.CopyAsync("--compare", "ledger", "--json");
        Assert.Equal(6, answer.Code);
        Assert.Equal(1, Assert.Single(answer.Events, one => one.GetProperty("event").GetString() == "file.failed").GetProperty("attempts").GetInt32());
    }

    [Fact]
    public async Task What_a_list_does_not_name_is_not_deleted_to_make_way_and_no_filter_is_blamed()
    {
        Arrange("file", "full");
        File.WriteAllText(_folder.In("list"), "a\n");
        Answer answer = await SyncAsync("--files-from", _folder.In("list"));
        Assert.True(answer.Code == 6, answer.Error + answer.Output);
        Assert.Contains("\"a/y\" in it is not among what was chosen, and stays; move that away, or choose it too", answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("correct the filter", answer.Error, StringComparison.Ordinal);
        Assert.Contains("a/y", string.Join('\n', Shape(_folder.Destination)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_filter_keeps_there_is_not_deleted_to_make_way()
    {
        Arrange("file", "full");
        PutThere("a/keep.log", "x");
        foreach (string[] dry in (string[][])[["--dry-run"], ["--dry-run", "--order", "oldest"], [], []])
        {
            Answer answer = await SyncAsync(["--exclude", "*.log", .. dry]);
            Assert.True(answer.Code == 6, answer.Error + answer.Output);
            Assert.Contains("a filter keeps \"a/keep.log\" from being deleted; move that away", answer.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("would copy a ", answer.Output, StringComparison.Ordinal);
        }

        Assert.Contains("a/keep.log", string.Join('\n', Shape(_folder.Destination)), StringComparison.Ordinal);
        File.Delete(Path.Combine(_folder.Destination, "a/keep.log"));
        Assert.Equal(0, (await SyncAsync("--exclude", "*.log")).Code);
        Assert.Equal("new", File.ReadAllText(Path.Combine(_folder.Destination, "a")));
    }

    [Fact]
    public async Task A_pipe_in_a_directory_that_is_in_the_way_is_named_and_stays()
    {
        Arrange("file", "full");
        Directory.CreateDirectory(_folder.In("dst/a/d"));
        RawFiles.MakeSpecial(_folder.Destination, "a/d/p", 0x1000);
        foreach (string[] dry in (string[][])[["--dry-run", "--plan", _folder.In("plan")], ["--plan", _folder.In("plan")], [], []])
        {
            Answer answer = await SyncAsync(dry);
            Assert.True(answer.Code == 6, answer.Error + answer.Output);
            Assert.Contains("sync never deletes the device, pipe or socket \"a/d/p\" in it; move that away", answer.Error, StringComparison.Ordinal);
        }

        File.Delete(_folder.In("dst/a/d/p"));
        Assert.Equal(0, (await SyncAsync()).Code);
        Assert.Equal("new", File.ReadAllText(_folder.In("dst/a")));
    }

    [Fact]
    public async Task Names_that_begin_alike_do_not_hide_the_change()
    {
        foreach (string name in (string[])["a b", "a-", "a.txt", "a b c/x", "a/x", "a0"])
        {
            _folder.Put(name, "new");
        }

        PutThere("a", "old");
        PutThere("a b c", "old");
        PutThere("a.txt/y", "old");
        PutThere("a-/y/z", "old");
        Assert.Equal(0, (await SyncAsync()).Code);
        Assert.Equal(Shape(_folder.Source), Shape(_folder.Destination));
    }

    private void Arrange(string here, string there)
    {
        foreach (string root in (string[])[_folder.Source, _folder.Destination])
        {
            if (Directory.Exists(root))
            {
                Directory.Delete(root, recursive: true);
            }
        }

        if (Directory.Exists(_folder.In("aside")))
        {
            Directory.Delete(_folder.In("aside"), recursive: true);
        }

        Directory.CreateDirectory(_folder.In("elsewhere"));
        _folder.Put("other", "one");
        Make(_folder.Source, here, "x", "new");
        Make(_folder.Destination, there, "y", "old");
    }

    private static void Make(string root, string kind, string name, string content)
    {
        string at = Path.Combine(root, "a");
        Directory.CreateDirectory(kind is "deep" ? Path.Combine(at, "d/e") : kind is "full" or "empty" ? at : root);
        if (kind is "link" or "dangling")
        {
            File.CreateSymbolicLink(at, kind == "link" ? "../elsewhere" : "nowhere");
        }

        foreach (string file in kind switch { "file" => (string[])[""], "full" => [name], "deep" => [name, "d/e/" + name], _ => [] })
        {
            File.WriteAllText(file.Length == 0 ? at : Path.Combine(at, file), content);
        }
    }

    /// <summary>Every entry: directories with a slash, links with their target, files with their content.</summary>
    private static string[] Shape(string root) => !Directory.Exists(root) ? [] : [.. Directory
        .EnumerateFileSystemEntries(root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
        .Where(path => !path.Contains("/a/", StringComparison.Ordinal) || new FileInfo(Path.Combine(root, "a")).LinkTarget is null)
        .Select(path => (Name: Path.GetRelativePath(root, path), Info: new FileInfo(path)))
        .Select(one => one.Info.LinkTarget is { } target ? $"{one.Name} -> {target}"
            : Directory.Exists(one.Info.FullName) ? one.Name + "/" : $"{one.Name} {File.ReadAllText(one.Info.FullName)}")
        .Order(StringComparer.Ordinal)];

    private void PutThere(string name, string content)
    {
        string file = Path.Combine(_folder.Destination, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }

    private Task<Answer> SyncAsync(params string[] options) => _folder.RunAsync(["sync", _folder.Source, _folder.Destination, .. options]);
}
