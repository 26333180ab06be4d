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
    private readonly UnitDirectory _units = new(place.Length > 0 ? place : manager.UnitPlace, layout.Root);

    /// <summary>
    /// Puts the units of the active release in place, and removes those of this instance that it no longer has. Where the instance is to be
    /// started, it runs the active release afterwards: it is started, or restarted if it ran another one or with other units.
    /// </summary>
    /// <param name="start">Whether it is to be started.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="LavaException">There are no units (LAVA5063), another's stand in their place (LAVA5062), the instance is run by another (LAVA5061), and more.</exception>
    internal async Task InstallAsync(bool start, CancellationToken cancellation)
    {
        InstanceServices services = ServicesFile.Read(layout.Current);
        string release = new FileInfo(layout.Current).LinkTarget!;
        IReadOnlyDictionary<string, string> texts = Texts(release, services.Instance);
        LavaException.ThrowIfAny([.. _units.CheckPlaces(texts.Keys)], log);
        if (new RunLock(layout).OtherHolder() is { } holder)
        {
            throw Problem.Error(Strings.InstanceRunsAlready, SourceLocation.None, layout.Root, holder).ToException();
        }

        await InstanceOwner.PrepareAsync(layout, services, log, cancellation);
        bool reached = await IsReachedAsync(cancellation);
        bool changed = await RemoveAsync([.. _units.Names().Except(texts.Keys)], reached, cancellation);
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

        if (changed)
        {
            await manager.AskAsync(cancellation, "daemon-reload");
        }

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
        IReadOnlyList<string> names = _units.Names();
        if (names.Count == 0)
        {
            log.Say($"No unit of {layout.Root} stands in {_units.Path}");
            return;
        }

        bool reached = await IsReachedAsync(cancellation);
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

    // What cannot be reached now finds everything in place when it starts.
    private async Task<bool> IsReachedAsync(CancellationToken cancellation)
    {
        if (!manager.IsRunning)
        {
            log.Warn(Problem.Warning(Strings.SystemdNotRunning, SourceLocation.None, _units.Path));
            return false;
        }

        if (!await manager.ReadsAsync(_units.Path, cancellation))
        {
            log.Warn(Problem.Warning(Strings.UnitDirectoryNotRead, SourceLocation.None, _units.Path));
            return false;
        }

        return true;
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

        // Or what failed before would count against the new start.
        await manager.ForgetFailuresAsync(units, cancellation);
        await manager.AskAsync(cancellation, runs ? "restart" : "start", "--", target);
        IReadOnlyDictionary<string, string> states = await manager.StatesAsync(units, cancellation);
        string[] failed =
        [
            // A first try that failed may be followed by others. What ran once and has ended well is inactive.
            .. states.Where(state => state.Value is "failed" or "activating" or "deactivating").Select(state => state.Key).Order(StringComparer.Ordinal),
        ];
        if (failed.Length > 0 || states[target] != "active")
        {
            throw Problem.Error(
                Strings.UnitsFailed, SourceLocation.None, target, failed.Length > 0 ? string.Join(", ", failed) : "it was stopped again", manager.IsSystem ? "" : "--user ").ToException();
        }

        log.Say($"{target} {(runs ? "was restarted and" : "was started and")} runs {release}");
    }
}
