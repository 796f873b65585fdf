# Does on Windows what function-keys.sh does elsewhere, which explains it.
param([string] $Renewed = '')
$ErrorActionPreference = 'Stop'
foreach ($name in 'AZURE_SUBSCRIPTION_ID', 'AZURE_RESOURCE_GROUP', 'AZURE_FUNCTION_APP_NAME') {
    if (-not [Environment]::GetEnvironmentVariable($name)) { throw "$name is not set: run this by azd hooks run postdeploy" }
}

$management = if ($env:AZURE_MANAGEMENT_ADDRESS) { $env:AZURE_MANAGEMENT_ADDRESS } else { 'https://management.azure.com' }
$functions = "$management/subscriptions/$env:AZURE_SUBSCRIPTION_ID/resourceGroups/$env:AZURE_RESOURCE_GROUP" +
    "/providers/Microsoft.Web/sites/$env:AZURE_FUNCTION_APP_NAME/functions"
$rights = Get-Content (Join-Path $PSScriptRoot 'function-keys.txt') | Where-Object { $_ } | ForEach-Object {
    $right, $function = $_ -split ' '
    [pscustomobject] @{ Right = $right; Function = $function }
} | Group-Object Right
if ($Renewed -and $Renewed -notin $rights.Name) { throw "There is no right $Renewed. The rights are: $($rights.Name)" }

$token = (azd auth token --output json | ConvertFrom-Json).token
if (-not $token) { throw 'azd is not signed in. Run azd auth login, then azd hooks run postdeploy.' }

function Send-Request([string] $Method, [string] $Path, [string] $Body) {
    $retries = if ($env:KEYS_RETRIES) { [int] $env:KEYS_RETRIES } else { 12 }
    for ($attempt = 0; ; $attempt++) {
        try {
            return Invoke-RestMethod -Method $Method -Uri "$functions/${Path}?api-version=2025-03-01" -Body $Body `
                -ContentType 'application/json' -Headers @{ Authorization = "Bearer $token" }
        } catch {
            if ($attempt -ge $retries) { throw "The keys could not be set ($($_.Exception.Message)). Run azd hooks run postdeploy to try again." }
            Start-Sleep -Seconds 5
        }
    }
}

function Get-Key([string] $Function, [string] $Right) { (Send-Request Post "$Function/listkeys" '').$Right }

foreach ($right in $rights) {
    $key = ''
    if ($right.Name -ne $Renewed) {
        foreach ($member in $right.Group) { if (-not $key) { $key = Get-Key $member.Function $right.Name } }
    }

    if (-not $key) {
        $bytes = [byte[]]::new(32)
        $random = [Security.Cryptography.RandomNumberGenerator]::Create()
        $random.GetBytes($bytes)
        $key = -join ($bytes | ForEach-Object { $_.ToString('x2') })
    }

    foreach ($member in $right.Group) {
        if ((Get-Key $member.Function $right.Name) -cne $key) {
            $body = @{ properties = @{ name = $right.Name; value = $key } } | ConvertTo-Json -Compress
            Send-Request Put "$($member.Function)/keys/$($right.Name)" $body | Out-Null
            Write-Host "$($member.Function): the key $($right.Name) is set."
        }
    }
}
