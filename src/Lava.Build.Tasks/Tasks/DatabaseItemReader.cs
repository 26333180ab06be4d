using Lava.Build.Databases;
using Lava.Build.Diagnostics;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Turns the <c>LavaDatabase</c> item into what the rest of the code knows.</summary>
internal sealed class DatabaseItemReader(MetadataReader metadata)
{
    internal DatabaseDescription Database(ITaskItem item)
    {
        SourceLocation location = metadata.Check(
            "LavaDatabase",
            item,
            "User",
            "Host",
            "Port",
            "Tls",
            "TlsRootCertificate",
            "PasswordFile",
            "PasswordVariable",
            "MaintenanceDatabase",
            "MinimumVersion",
            "Settings");
        return new DatabaseDescription
        {
            Name = item.ItemSpec,
            User = metadata.Text(item, "User"),
            Host = metadata.Text(item, "Host"),
            Port = metadata.Text(item, "Port"),
            Tls = metadata.Text(item, "Tls"),
            TlsRootCertificate = metadata.Text(item, "TlsRootCertificate"),
            PasswordFile = metadata.Text(item, "PasswordFile"),
            PasswordVariable = metadata.Text(item, "PasswordVariable"),
            MaintenanceDatabase = metadata.Text(item, "MaintenanceDatabase"),
            MinimumVersion = metadata.Text(item, "MinimumVersion"),
            Settings = metadata.Pairs(item, "Settings"),
            Location = location,
        };
    }
}
