metadata description = 'The settings of the web channel, and of the messaging channels that are wanted. Their secrets are in the vault, under the setting\'s name.'

@description('The name of the vault.')
param keyVaultName string

@description('Whether the web channel is on.')
param webChannel bool

@description('Whether the bot is on Telegram.')
param telegram bool

@description('The id of the bot\'s number at WhatsApp; empty to do without WhatsApp.')
param whatsAppPhoneNumberId string

@description('The address of signal-cli-rest-api; empty to do without Signal.')
param signalAddress string

@description('The bot\'s number at Signal.')
param signalNumber string

var secret = '@Microsoft.KeyVault(VaultName=${keyVaultName};SecretName=Channels--'

var telegramSettings = {
  Channels__Telegram__BotToken: '${secret}Telegram--BotToken)'
  Channels__Telegram__WebhookSecret: '${secret}Telegram--WebhookSecret)'
}

var whatsAppSettings = {
  Channels__WhatsApp__PhoneNumberId: whatsAppPhoneNumberId
  Channels__WhatsApp__AccessToken: '${secret}WhatsApp--AccessToken)'
  Channels__WhatsApp__AppSecret: '${secret}WhatsApp--AppSecret)'
  Channels__WhatsApp__VerifyToken: '${secret}WhatsApp--VerifyToken)'
}

var signalSettings = {
  Channels__Signal__ApiAddress: signalAddress
  Channels__Signal__Number: signalNumber
  Channels__Signal__WebhookSecret: '${secret}Signal--WebhookSecret)'
}

@description('The settings, each a text or a reference to a secret.')
output settings object = union(
  { Channels__Web__Enabled: webChannel ? 'true' : 'false' },
  telegram ? telegramSettings : {},
  empty(whatsAppPhoneNumberId) ? {} : whatsAppSettings,
  empty(signalAddress) ? {} : signalSettings
)
