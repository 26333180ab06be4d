using Lava.Build.Diagnostics;
using Lava.Build.Instances;

namespace Lava.Build.Services.Systemd;

/// <summary>Lets systemd run an instance: the system's for root, else the user's own.</summary>
/// <param name="layout">The instance.</param>
/// <param name="place">The directory for units; systemd's own if empty.</param>
/// <param name="manager">The systemd.</param>
/// <param name="log">Where it is said what was changed.</param>
internal sealed class ServiceInstallation(InstanceLayout layout, string place, ServiceManager manager, IBuildLog log)
{
    private readonly UnitDirectory _units = place.Length == 0 || IsUsual(place, manager)
        ? new(place.Length > 0 ? place : manager.UnitPlace, layout.Root, [.. UnitDirectory.Places(manager.IsSystem).Where(other => other != place && other != manager.UnitPlace)])
        : new(place, layout.Root, []);

    /// <summary>
    /// Puts the units of the active release in place, and removes those of this instance that it no longer has. Where the instance is to be
    /// started, it runs the active release afterwards: it is started, or restarted if it ran another one or with other units.
    /// </summary>
    /// <param name="start">Whether it is to be started.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="LavaException">There is no active release (LAVA5009), or it has no units (LAVA5063), another's stand in their place (LAVA5062), the instance is run by another (LAVA5061), and more.</exception>
    internal async Task InstallAsync(bool start, CancellationToken cancellation)
    {
        RunHoles active = ActiveRelease.Of(layout, SourceLocation.None);
        InstanceServices services = ServicesFile.ReadIfAny(active.Release);
        string release = Path.GetFileName(active.Release);
        IReadOnlyDictionary<string, string> texts = Texts(release, services.Instance);
        LavaException.ThrowIfAny([.. _units.CheckPlaces(texts.Keys)], log);
        if (new RunLock(layout).OtherHolder() is { } holder)
        {
            throw Problem.Error(Strings.InstanceRunsAlready, SourceLocation.None, layout.Root, holder).ToException();
        }

        WarnOfLeftovers();
        bool read = await IsReadAsync(cancellation);
        if (read)
        {
            // Users and the owners of files are another host's where its units are.
            await InstanceOwner.PrepareAsync(layout, services, log, cancellation);
        }

        bool reached = IsReached(read);
        bool changed = reached && await IsBehindAsync([.. texts.Keys.Where(IsUnit)], cancellation);
        changed |= await RemoveAsync([.. _units.Names().Except(texts.Keys)], reached, cancellation);
        foreach ((string name, string text) in texts.OrderBy(text => text.Key, StringComparer.Ordinal))
        {
            if (_units.Write(name, text))
            {
                log.Say($"Wrote {_units.Path}/{name}");
                changed = true;
            }
        }

        string target = UnitFiles.Target(services.Instance);
        if (_units.Enable(target, manager.IsSystem ? UnitFiles.SystemTarget : UnitFiles.UserTarget))
        {
            log.Say($"Enabled {target}");
            changed = true;
        }

        if (!reached)
        {
            return;
        }

        // Also if this run wrote nothing: one before it may have ended too early.
        await manager.AskAsync(cancellation, "daemon-reload");
        if (!manager.Lingers)
        {
            log.Warn(Problem.Warning(Strings.UserDoesNotLinger, SourceLocation.None, services.Instance));
        }

        if (start)
        {
            await StartAsync(target, release, [.. texts.Keys.Where(IsUnit)], changed, cancellation);
        }
    }

    /// <summary>Stops the instance and removes its units; its data, its user and what is not its own stay.</summary>
    internal async Task RemoveAsync(CancellationToken cancellation)
    {
        WarnOfLeftovers();
        IReadOnlyList<string> names = _units.Names();
        if (names.Count == 0)
        {
            log.Say($"No unit of {layout.Root} stands in {_units.Path}");
            return;
        }

        bool reached = IsReached(await IsReadAsync(cancellation));
        await RemoveAsync(names, reached, cancellation);
        if (reached)
        {
            await manager.AskAsync(cancellation, "daemon-reload");
        }
    }

    // A template is no unit; those that were made of it end by themselves.
    private static bool IsUnit(string name) => !name.Contains("@.", StringComparison.Ordinal);

    private Dictionary<string, string> Texts(string release, string instance)
    {
        UnitText.CheckPath(layout.Root);
        string directory = Path.Combine(layout.Release(release), manager.IsSystem ? UnitFiles.SystemDirectory : UnitFiles.UserDirectory);
        if (!Directory.Exists(directory))
        {
            throw Problem.Error(Strings.NoUnits, SourceLocation.None, release, layout.Root).ToException();
        }

        IReadOnlyList<string> outside = OutsideDirectories.Of(layout.Root, layout.Release(release));
        string prefix = UnitFiles.Prefix(instance);
        return Directory.EnumerateFiles(directory, $"{prefix}*").ToDictionary(
            file => Path.GetFileName(file), file => UnitHoles.Fill(File.ReadAllText(file), layout.Root, outside), StringComparer.Ordinal);
    }

    private static bool IsUsual(string place, ServiceManager manager) => place == manager.UnitPlace || UnitDirectory.Places(manager.IsSystem).Contains(place);

    // Whether the units are this host's.
    private async Task<bool> IsReadAsync(CancellationToken cancellation) =>
        IsUsual(_units.Path, manager) || (manager.IsRunning && await manager.ReadsAsync(_units.Path, cancellation));

    // What cannot be reached now finds everything in place when it starts.
    private bool IsReached(bool read)
    {
        if (!read)
        {
            log.Warn(Problem.Warning(Strings.UnitDirectoryNotRead, SourceLocation.None, _units.Path));
        }
        else if (!manager.IsRunning)
        {
            log.Warn(Problem.Warning(Strings.SystemdNotRunning, SourceLocation.None, _units.Path));
        }

        return read && manager.IsRunning;
    }

    // Whether an installation that ended too early has left units that systemd has not read or not started.
    private async Task<bool> IsBehindAsync(IReadOnlyList<string> units, CancellationToken cancellation) =>
        (await manager.ShowAsync(units, ["NeedDaemonReload", "InactiveExitTimestampMonotonic"], cancellation)).Values
            .Any(unit => unit["NeedDaemonReload"] == "yes" || unit["InactiveExitTimestampMonotonic"] == "0");

    private void WarnOfLeftovers()
    {
        foreach (string root in _units.OtherInstances().Where(root => !Directory.Exists(new InstanceLayout(root).Current)))
        {
            log.Warn(Problem.Warning(Strings.LeftoverUnits, SourceLocation.None, root, _units.Path, UnitDirectory.HowToRemove(root)));
        }
    }

    private async Task<bool> RemoveAsync(IReadOnlyList<string> names, bool reached, CancellationToken cancellation)
    {
        if (names.Count == 0)
        {
            return false;
        }

        if (reached)
        {
            string[] units = [.. names.Where(IsUnit)];
            await manager.AskAsync(cancellation, ["stop", "--", .. units]);
            await manager.ForgetFailuresAsync(units, cancellation);
        }

        foreach (string name in names)
        {
            _units.Delete(name);
            log.Say($"Removed {_units.Path}/{name}");
        }

        return true;
    }

    private async Task StartAsync(string target, string release, string[] units, bool changed, CancellationToken cancellation)
    {
        bool runs = (await manager.StatesAsync([target], cancellation))[target] == "active";
        if (runs && !changed && new RunLock(layout).StartedRelease() == release)
        {
            log.Say($"{target} runs {release} already");
            return;
        }

        await manager.StartAsync(runs ? "restart" : "start", [target], units, cancellation);
        log.Say($"{target} {(runs ? "was restarted and" : "was started and")} runs {release}");
    }
}
