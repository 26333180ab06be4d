using System.Globalization;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Services.Supervision;

namespace Lava.Build.Services.Systemd;

/// <summary>The units of an instance that systemd runs, as far as one talks to them without installing anything.</summary>
internal sealed class InstanceUnits
{
    // What a unit must say while it does its work, if it looks after its health: see the template systemd-script.
    private const string Well = "does its work";
    private const int ScriptFromEnd = 3;
    private static readonly string[] Properties =
        ["ActiveState", "SubState", "Job", "MainPID", "NRestarts", "StateChangeTimestamp", "StatusText", "Result"];

    private readonly InstanceLayout _layout;
    private readonly string _instance;
    private readonly IReadOnlyList<string> _services;
    private readonly bool _system;
    private readonly uint _owner;

    private InstanceUnits(InstanceLayout layout, string release, ServiceNames names, ProcessStatus holder)
    {
        _layout = layout;
        Release = release;
        _instance = names.Instance;
        _services = names.Services;
        _system = holder.Parent == 1;
        _owner = ProcessTable.Owner(holder.Id) ?? 0;
    }

    /// <summary>The name of the release that runs.</summary>
    internal string Release { get; }

    private string Manager => _system ? "the system's systemd" : $"the systemd of {Posix.NameOfUser(_owner)}";

    private string Switch => _system ? "" : "--user ";

    /// <summary>Finds them; null if none of them holds the instance's lock.</summary>
    internal static InstanceUnits? Find(InstanceLayout layout)
    {
        RunLock runLock = new(layout);
        try
        {
            return runLock.LastHolder() is { Unit: { } unit } holder && ProcessTable.Find(holder.Process) is { Lives: true } process && Held(process) == unit
                ? Of(layout, runLock.StartedRelease(), process)
                : null;
        }
        catch (IOException failure) when (failure.HResult == Posix.EACCES)
        {
            // These files are for the instance's user only, but everybody may see processes.
            return ProcessTable.All().FirstOrDefault(process => Held(process) is not null && ProcessTable.Arguments(process.Id)[^ScriptFromEnd].StartsWith(layout.Root + "/", StringComparison.Ordinal)) is { } process
                ? Of(layout, null, process)
                : null;
        }
    }

    // The unit that a process holds the lock for.
    private static string? Held(ProcessStatus process) => ProcessTable.Arguments(process.Id) is [_, _, "hold", var unit] ? unit : null;

    private static InstanceUnits? Of(InstanceLayout layout, string? started, ProcessStatus holder)
    {
        // The lock and this name are written by the instance's user, who must not lead root to units of others: releases are not.
        string name = started is { Length: > 0 } && !started.StartsWith('.') && !started.Contains('/', StringComparison.Ordinal)
            ? started
            : Path.GetFileName(new FileInfo(layout.Current).LinkTarget ?? "");
        ServiceNames names = ServiceNames.Of(layout.Release(name));
        return Held(holder) == UnitFiles.Hold(names.Instance) ? new InstanceUnits(layout, name, names, holder) : null;
    }

    /// <summary>What they do.</summary>
    /// <exception cref="LavaException">Only another user can ask (LAVA5026), or systemctl refused (LAVA5066).</exception>
    internal async Task<StatusReport> StatusAsync(HostEnvironment host, CancellationToken cancellation)
    {
        string target = UnitFiles.Target(_instance);
        string hold = UnitFiles.Hold(_instance);
        ServiceManager manager = Reach(host, forChanges: false, $"status '{UnitFiles.Prefix(_instance)}*'");
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> all =
            await manager.ShowAsync([target, hold, .. _services.Select(Unit)], Properties, cancellation);
        string state = all[hold]["ActiveState"] == "deactivating" ? "stopping" : all[target]["ActiveState"] == "active" ? "running" : "starting";
        return new StatusReport(
            $"{state} under {Manager} ({target}), release {Release}, since {Since(all[hold])}",
            [.. _services.Select(name => Report(name, all[Unit(name)]))]);
    }

    /// <summary>Stops services, and waits until that is done.</summary>
    /// <param name="host">Where systemctl is.</param>
    /// <param name="services">Which; all, if empty.</param>
    /// <param name="location">For messages.</param>
    /// <param name="cancellation">Ends the waiting; systemd goes on.</param>
    /// <exception cref="LavaException">Only another user can (LAVA5026), there is no such service (LAVA5010), or systemctl refused (LAVA5066).</exception>
    internal async Task StopAsync(HostEnvironment host, IReadOnlyList<string> services, SourceLocation location, CancellationToken cancellation)
    {
        // The target's own end would not wait for the others.
        string[] units = services.Count == 0 ? [UnitFiles.Hold(_instance)] : Named(services, location);
        await Reach(host, forChanges: true, $"stop {string.Join(' ', units)}").AskAsync(cancellation, ["stop", "--", .. units]);
    }

    /// <summary>Restarts services, and waits until they do their work.</summary>
    /// <param name="host">Where systemctl is.</param>
    /// <param name="services">Which; all, with the active release, if empty.</param>
    /// <param name="location">For messages.</param>
    /// <param name="cancellation">Ends the waiting; systemd goes on.</param>
    /// <exception cref="LavaException">As for <see cref="StopAsync"/>, or not all do their work (LAVA5067).</exception>
    internal async Task RestartAsync(HostEnvironment host, IReadOnlyList<string> services, SourceLocation location, CancellationToken cancellation)
    {
        string[] units = services.Count == 0 ? [UnitFiles.Target(_instance)] : Named(services, location);
        string[] all = services.Count == 0 ? [.. units, UnitFiles.Hold(_instance), .. _services.Select(Unit)] : units;
        await Reach(host, forChanges: true, $"restart {string.Join(' ', units)}").StartAsync("restart", units, all, cancellation);
    }

    private ServiceManager Reach(HostEnvironment host, bool forChanges, string command)
    {
        uint user = Posix.EffectiveUser();
        return (_system ? !forChanges || user == 0 : user == _owner)
            ? new ServiceManager(host, _system)
            : throw Problem.Error(
                Strings.UnitsOfAnother, SourceLocation.None, _layout.Root, Manager, _system ? "root" : Posix.NameOfUser(_owner), $"systemctl {Switch}{command}").ToException();
    }

    private string[] Named(IReadOnlyList<string> services, SourceLocation location)
    {
        StartPlan.CheckNames(services, _services, "no service of the release that runs", location);
        return [.. services.Select(Unit)];
    }

    private string Unit(string service) => UnitFiles.Unit(_instance, service);

    private static ServiceReport Report(string name, IReadOnlyDictionary<string, string> unit)
    {
        string reason = unit["StatusText"] == Well ? "" : VisibleText.Of(unit["StatusText"]);
        (string state, reason) = (unit["ActiveState"], unit["SubState"]) switch
        {
            ("active" or "reloading", _) => reason.Length == 0 ? (StatusReport.HealthyWord, "") : (StatusReport.UnhealthyWord, reason),
            ("activating", "auto-restart") => ("restarting", unit["Result"]),
            ("activating", "start-pre") => ("waiting", ""),
            ("activating", _) => ("starting", reason),
            ("deactivating", _) => ("draining", ""),
            ("failed", _) => (StatusReport.FailedWord, unit["Result"]),
            // It is about to be started.
            _ => unit["Job"] is { Length: > 0 } and not "0" ? ("waiting", "") : (StatusReport.StoppedWord, ""),
        };
        return new ServiceReport(name, state, Number(unit["MainPID"]), Number(unit["NRestarts"]), Since(unit), reason) { Log = "" };
    }

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;

    // "Sat 2026-11-21 19:08:45 UTC"; empty if its state never changed.
    private static string Since(IReadOnlyDictionary<string, string> unit) =>
        unit["StateChangeTimestamp"].Split(' ') is [_, var day, var time, ..] ? $"{day}T{time}Z" : "";
}
