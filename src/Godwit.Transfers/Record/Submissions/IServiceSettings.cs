namespace Godwit.Transfers.Record.Submissions;

/// <summary>What operators set while a service runs, so that it holds after a restart, too. What the names and texts mean is their writer's.</summary>
public interface IServiceSettings
{
    /// <summary>Writes a setting down, in place of an older one of its name.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="text">What it says; null to forget it.</param>
    /// <param name="ct">Cancels the call.</param>
    ValueTask PutAsync(string name, string? text, CancellationToken ct);

    /// <summary>All settings, in order of their names.</summary>
    ValueTask<IReadOnlyList<ServiceSetting>> ListAsync(CancellationToken ct);
}

/// <summary>A setting of a service.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Text">What it says.</param>
public sealed record ServiceSetting(string Name, string Text);
