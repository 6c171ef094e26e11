using System.Runtime.CompilerServices;
using Godwit.Storage;

namespace Godwit.Tests.Storage;

/// <summary>Others implement against Godwit.Storage: what they see changes only where a diff shows it.</summary>
public sealed class PublicApiTests
{
    private const string AcceptVariable = "GODWIT_ACCEPT_PUBLIC_API";

    [Fact]
    public void The_public_surface_is_the_recorded_one()
    {
        string recordPath = Path.Combine(Path.GetDirectoryName(ThisFile())!, "PublicApi.txt");
        string[] actual = PublicSurface.Of(typeof(IStore).Assembly).ToArray();
        if (Environment.GetEnvironmentVariable(AcceptVariable) == "1")
        {
            File.WriteAllText(recordPath, string.Join('\n', actual) + "\n");
        }

        string[] recorded = File.Exists(recordPath) ? File.ReadAllLines(recordPath) : [];
        string[] changes = [.. recorded.Except(actual).Select(line => "- " + line), .. actual.Except(recorded).Select(line => "+ " + line)];
        Assert.True(
            changes.Length == 0,
            $"The public API of Godwit.Storage changed:\n{string.Join('\n', changes)}\n"
                + $"If that is meant, run this test once with {AcceptVariable}=1 and commit PublicApi.txt.");
    }

    [Fact]
    public void Nullability_is_part_of_the_surface()
    {
        string[] lines = PublicSurface.Of(typeof(IStore).Assembly).ToArray();
        Assert.Contains("IStore.RangedRead : IRangedRead? { get }", lines);
        Assert.Contains("IStore.StatAsync(StorePath path, CancellationToken ct) : ValueTask<StoreEntry?>", lines);
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
